"""What the people of customers say about us, and about others, in the demo data. Days count back from today."""

from typing import NamedTuple


class Interview(NamedTuple):
    """One person who is asked again and again, the same way each time."""

    contact: str
    user: str
    last: int  # age in days of the newest answer
    every: int  # days between two of them
    scores: tuple  # from 0 to 10, the newest first
    met: str  # what they found compared with what they expected: '+', '=', '-', the newest first
    words: str  # of the newest
    channel: str = 'meeting'


INTERVIEWS = (
    Interview('aurora_purchasing', 'admin', 31, 91, (10, 9, 9, 9, 8, 8, 9, 8), '++==+==+',
              "Two deliveries before Christmas came on the hour. Keep Marko on our account."),
    Interview('aurora_facilities', 'demo', 38, 182, (9, 9, 8, 7), '+===', "The new schedule helps us a lot.", 'web'),
    Interview('aurora_it', 'demo', 52, 182, (7, 6, 8, 7), '=-==', "Docking stations and trays still do not fit each other."),
    Interview('nyhavn_purchasing', 'demo', 45, 120, (9, 9, 8, 7, 7, 6), '++==--',
              "You have become easy to work with. Invoices for each plant were the last thing missing."),
    Interview('nyhavn_plant', 'demo', 60, 240, (8, 8, 7), '===', "Benches are good, the paint comes off at the edges."),
    Interview('saimaa_purchasing', 'demo', 26, 91, (4, 6, 6, 7, 8, 8, 9, 9), '--===+++',
              "We wait for answers for days, and the supplier from Tampere does not let us wait.", 'call'),
    Interview('saimaa_plant', 'demo', 110, 182, (5, 7, 8, 9), '-==+', "Drawers jam. Nobody has come to see it."),
    Interview('planica_ceo', 'demo', 33, 182, (9, 8, 9, 7), '+=+=', "Koper will be yours if you deliver as you did here."),
    Interview('planica_purchasing', 'demo', 75, 182, (8, 8, 7), '===', "Good prices. Answers could come a day earlier."),
    Interview('tulip_purchasing', 'demo', 48, 150, (6, 7, 8, 8, 9), '-==++', "The wrong color cost us a weekend.", 'call'),
    Interview('alpenblick_owner', 'demo', 42, 240, (10, 9, 9), '+++', "Our guests ask where the chairs are from.", 'mail'),
    Interview('hansekontor_projects', 'demo', 400, 365, (8,), '=', "The refit went well. Who looks after us now?"),
    Interview('lindgren_partner', 'admin', 90, 365, (8, 9), '=+', "Good for offices, less so for homes."),
)


class Voice(NamedTuple):
    """What somebody tells us without being asked."""

    kind: str
    contact: str
    user: str
    age: int  # in days
    text: str
    area: str | None = None
    channel: str = 'call'
    answer: int | None = None  # age in days of the time until which we owe an answer; below zero: still to come
    state: str | None = None
    told: int | None = None  # age in days of the answer
    outcome: str | None = None
    competitor: str | None = None


VOICES = (
    # a complaint for each way it may go: answered late and in time, repeated, over its time, fresh
    Voice('complaint', 'tulip_purchasing', 'demo', 230, "Five chairs in the wrong color, and nobody answered the phone.",
          'quality', answer=228, state='closed', told=221, outcome="New chairs came on Monday; the old ones stay as spares."),
    Voice('complaint', 'planica_operations', 'demo', 235, "Two benches stood in front of the gate in the rain.",
          'logistics', answer=233, state='closed', told=234, outcome="The carrier dried and checked them, and calls before."),
    Voice('complaint', 'planica_operations', 'demo', 140, "The truck came at noon, the ramp is ours until nine only.",
          'logistics', answer=138, state='told', told=139, outcome="The carrier has the hours of your ramp on every slip now."),
    Voice('complaint', 'planica_purchasing', 'demo', 41, "Again a truck after nine, and again without a call before.",
          'logistics', 'mail', answer=40, state='told', told=40,
          outcome="We changed the carrier for all your terminals. The first trip is on Thursday."),
    Voice('complaint', 'saimaa_plant', 'demo', 9, "Drawers of four more workbenches jam. The control room waits for us.",
          'quality', answer=7, state='in_work'),
    Voice('complaint', 'saimaa_finance', 'demo', 1, "The credit note has the wrong order number on it.", 'finance', 'mail',
          answer=-1),
    Voice('praise', 'aurora_facilities', 'demo', 22, "Your assembly team left the ward cleaner than they found it.",
          'logistics', 'mail'),
    Voice('praise', 'geysir_plant', 'demo', 35, "The heated locker works at minus twenty. Nobody here believed it would."),
    Voice('wish', 'nyhavn_plant', 'demo', 28, "A workbench that is as high as the operator wants it, without tools.",
          'production', 'meeting'),
    Voice('wish', 'aurora_it', 'demo', 64, "A desk with a charging field that survives disinfection.", 'it'),
    Voice('news', 'saimaa_purchasing', 'demo', 14, "They offer twelve percent below us and two weeks of delivery time.",
          'purchasing', competitor="Tampere Office Oy"),
    Voice('news', 'nyhavn_purchasing', 'demo', 57, "They open a warehouse near Malmö and look for people who know breweries.",
          'purchasing', 'meeting', competitor="Nordic Work AB"),
    Voice('news', 'planica_ceo', 'demo', 83, "Ports buy furniture by framework agreements from next year on.", 'management',
          'meeting'),
    Voice('help', 'aurora_facilities', 'demo', 19,
          "Lent twelve chairs for the open day of the hospital, brought and fetched.", 'logistics', 'other'),
    Voice('help', 'planica_operations', 'demo', 71, "Repaired two benches that were bought elsewhere.", 'logistics', 'other'),
)
