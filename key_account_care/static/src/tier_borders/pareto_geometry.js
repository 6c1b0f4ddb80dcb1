/**
 * Geometry of a Pareto curve, without any drawing.
 *
 * A curve is a list of points {rank, share, revenue}, the largest account first, that begins at {rank: 0, share: 0}.
 * Points may skip ranks; between two points the curve is a straight line.
 */

/** Above this number of accounts the beginning of the curve, where the borders are, is stretched. */
const LARGEST_EVEN_COUNT = 50;

export function getLastRank(curve) {
    return curve.at(-1).rank;
}

/** @returns {boolean} whether equal steps to the right are more and more accounts */
export function isStretched(curve) {
    return getLastRank(curve) > LARGEST_EVEN_COUNT;
}

/**
 * @param {Object[]} curve
 * @param {number} share 0 to 1
 * @returns {number} how many of the largest accounts it takes to bring this share
 */
export function rankAtShare(curve, share) {
    const index = curve.findIndex((point) => point.share >= share - 1e-9);
    if (index < 0) {
        return getLastRank(curve);
    }
    if (index === 0) {
        return 0;
    }
    const [before, point] = [curve[index - 1], curve[index]];
    const part = (share - before.share) / (point.share - before.share);
    return before.rank + Math.ceil(part * (point.rank - before.rank) - 1e-9);
}

/**
 * @param {Object[]} curve
 * @param {number} amount
 * @returns {number} how many accounts have a revenue of at least this amount
 */
export function rankAtAmount(curve, amount) {
    const index = curve.findIndex((point) => point.rank > 0 && point.revenue < amount);
    if (index < 0) {
        return getLastRank(curve);
    }
    const [before, point] = [curve[index - 1], curve[index]];
    if (before.rank === 0) {
        return 0;
    }
    const part = (before.revenue - amount) / (before.revenue - point.revenue);
    return before.rank + Math.floor(part * (point.rank - before.rank));
}

/**
 * @param {Object[]} curve
 * @param {number} rank
 * @param {"share"|"revenue"} figure
 * @returns {number} the figure at this rank
 */
export function figureAtRank(curve, rank, figure) {
    const index = curve.findIndex((point) => point.rank >= rank);
    if (index <= 0) {
        return index ? curve.at(-1)[figure] : curve[0][figure];
    }
    const [before, point] = [curve[index - 1], curve[index]];
    const part = (rank - before.rank) / (point.rank - before.rank);
    return before[figure] + part * (point[figure] - before[figure]);
}

/**
 * Where ranks and shares are on a drawing whose origin is top left.
 *
 * @param {Object[]} curve
 * @param {{left: number, top: number, width: number, height: number}} box of the plot
 */
export function getScale(curve, { left, top, width, height }) {
    const count = getLastRank(curve);
    const power = isStretched(curve) ? 0.5 : 1;
    return {
        toX: (rank) => left + width * (rank / count) ** power,
        toY: (share) => top + height * (1 - share),
        toRank: (x) => count * Math.min(Math.max((x - left) / width, 0), 1) ** (1 / power),
        toShare: (y) => Math.min(Math.max(1 - (y - top) / height, 0), 1),
    };
}

/** @returns {{x: number, y: number}[]} the curve as drawn */
export function getDrawnPoints(curve, scale) {
    return curve.map((point) => ({ x: scale.toX(point.rank), y: scale.toY(point.share) }));
}

/** @returns {{x: number, y: number}} the point of a drawn curve that is nearest to x, y */
export function getNearestPoint(points, x, y) {
    let nearest = points[0];
    let smallest = Infinity;
    for (let index = 1; index < points.length; index++) {
        const candidate = getNearestOnLine(points[index - 1], points[index], x, y);
        const distance = Math.hypot(candidate.x - x, candidate.y - y);
        if (distance < smallest) {
            [nearest, smallest] = [candidate, distance];
        }
    }
    return nearest;
}

function getNearestOnLine(start, end, x, y) {
    const [dx, dy] = [end.x - start.x, end.y - start.y];
    const length = dx * dx + dy * dy;
    const part = length ? ((x - start.x) * dx + (y - start.y) * dy) / length : 0;
    const inside = Math.min(Math.max(part, 0), 1);
    return { x: start.x + inside * dx, y: start.y + inside * dy };
}

/** @returns {string} SVG path of a drawn line */
export function getLinePath(points) {
    return "M" + points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join("L");
}

/** @returns {string} SVG path of the area below the curve between two ranks */
export function getAreaPath(curve, scale, from, to) {
    const inner = curve.filter((point) => point.rank > from && point.rank < to);
    const ends = [from, to].map((rank) => ({ rank, share: figureAtRank(curve, rank, "share") }));
    const points = getDrawnPoints([ends[0], ...inner, ends[1]], scale);
    const floor = scale.toY(0);
    return getLinePath([{ x: points[0].x, y: floor }, ...points, { x: points.at(-1).x, y: floor }]) + "Z";
}

/**
 * Round ranks for the axis, the last one included, which do not touch each other.
 *
 * @param {Object[]} curve
 * @param {Object} scale
 * @param {number} gap smallest distance between two
 * @returns {number[]}
 */
export function getTicks(curve, scale, gap) {
    const count = getLastRank(curve);
    const ticks = [count];
    for (let unit = 10 ** Math.floor(Math.log10(count)); unit >= 1; unit /= 10) {
        for (const rank of [5 * unit, 2 * unit, unit]) {
            if (rank < count && scale.toX(ticks[0]) - scale.toX(rank) >= gap) {
                ticks.unshift(rank);
            }
        }
    }
    return ticks;
}

/**
 * Move labels down until none covers another.
 *
 * @param {{y: number}[]} labels
 * @param {number} gap height of a label
 * @returns {Object[]} copies of the labels, in their order
 */
export function spreadLabels(labels, gap) {
    const placed = labels.map((label) => ({ ...label }));
    const downwards = [...placed].sort((one, other) => one.y - other.y);
    for (let index = 1; index < downwards.length; index++) {
        downwards[index].y = Math.max(downwards[index].y, downwards[index - 1].y + gap);
    }
    return placed;
}
