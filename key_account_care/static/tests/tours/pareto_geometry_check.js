import {
    figureAtRank,
    getDrawnPoints,
    getNearestPoint,
    getScale,
    getTicks,
    rankAtAmount,
    rankAtShare,
    spreadLabels,
} from "@key_account_care/tier_borders/pareto_geometry";
import { TierBorder } from "@key_account_care/tier_borders/tier_border";

const BOX = { left: 10, top: 20, width: 100, height: 50 };
const CURVE = [
    { rank: 0, share: 0, revenue: 60 },
    { rank: 1, share: 0.6, revenue: 60 },
    { rank: 2, share: 0.9, revenue: 30 },
    { rank: 4, share: 1, revenue: 5 },
];

function assertEqual(actual, expected) {
    const [got, wanted] = [actual, expected].map((value) => JSON.stringify(value));
    if (got !== wanted) {
        throw new Error(`${got} instead of ${wanted}`);
    }
}

function checkCurve() {
    assertEqual([0, 0.1, 0.6, 0.61, 0.9, 0.95, 1, 2].map((share) => rankAtShare(CURVE, share)), [0, 1, 1, 2, 2, 3, 4, 4]);
    assertEqual([61, 60, 31, 30, 5, 0].map((amount) => rankAtAmount(CURVE, amount)), [0, 1, 1, 2, 4, 4]);
    assertEqual([0, 0.5, 3, 9].map((rank) => figureAtRank(CURVE, rank, "share")), [0, 0.3, 0.95, 1]);
}

function checkDrawing() {
    const scale = getScale(CURVE, BOX);
    assertEqual([scale.toX(4), scale.toY(1), scale.toRank(60), scale.toShare(45)], [110, 20, 2, 0.5]);
    assertEqual([scale.toRank(-99), scale.toShare(-99)], [0, 1]);
    const points = getDrawnPoints(CURVE, scale);
    assertEqual(getNearestPoint(points, 60, 25), { x: 60, y: 25 });
    assertEqual(getNearestPoint(points, 999, -999), { x: 110, y: 20 });
    assertEqual(getTicks(CURVE, scale, 20), [1, 2, 4]);
    const large = [CURVE[0], { rank: 10000, share: 1, revenue: 1 }];
    assertEqual(Math.round(getScale(large, BOX).toRank(getScale(large, BOX).toX(100))), 100);
    assertEqual(spreadLabels([{ y: 12 }, { y: 10 }, { y: 90 }], 15), [{ y: 25 }, { y: 10 }, { y: 90 }]);
}

function checkBorders() {
    const pareto = (id, value) => new TierBorder({ id, rule: "pareto", pareto_share: value }, value, CURVE);
    const shares = [pareto(1, 30), pareto(2, 60), pareto(3, 90)];
    assertEqual(shares[1].getLimits(shares), { min: 31, max: 89 });
    assertEqual([shares[1].clamp(5, shares), shares[1].clamp(99, shares), shares[2].clamp(200, shares)], [31, 89, 100]);
    const amount = (id, value) =>
        new TierBorder({ id, rule: "amount", amount_figure: "revenue", amount_min: value, rate: 2 }, value, CURVE);
    const amounts = [amount(1, 25), amount(2, 15), amount(3, 0)];
    assertEqual(amounts.map((border) => border.hasLine), [true, true, false]);
    assertEqual(amounts.map((border) => border.rank), [1, 2, 4]);
    assertEqual([amounts[0].getStep(1), amounts[0].getStep(-1)], [24, 26]);
    assertEqual([amounts[0].getLimits(amounts), amounts[1].getLimits(amounts)], [{ min: 16, max: 30 }, { min: 1, max: 24 }]);
}

/** Fails where a function of the curve or a border answers something else than by hand. */
export function checkGeometry() {
    checkCurve();
    checkDrawing();
    checkBorders();
}
