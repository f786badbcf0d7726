"""Sentences of two reports as people write them: each with what it cites, right, and with one thing wrong."""

from typing import NamedTuple


class Row(NamedTuple):
    """`cites`: ids of findings, or measures, for all findings of one. `wrong`: empty if only `right` is tried."""

    cites: str
    right: str
    wrong: str = ""
    about: str = "hotels"


HOTELS = (
    Row(
        "rate",
        "Half of the four hotels cost less than €119; the median is €119 per night.",
        "Half of the four hotels cost less than €119; the median is €110 per night.",
    ),
    Row("score", "The mean guest score is 8.7.", "The mean guest score is 9.1."),
    Row("rooms", "Altogether the hotels have 321 rooms.", "Altogether the hotels have 312 rooms."),
    Row(
        "rate.brisa-inn",
        "Brisa Inn is the least expensive at €96 a night.",
        "Duna Park is the least expensive at €110 a night.",
    ),
    Row("score", "Casa Verde has the best guest score (9.4).", "Hotel Alba has the best guest score (9.1)."),
    Row("distance", "Casa Verde is closest to the station.", "Hotel Alba is closest to the station."),
    Row("reviews", "Duna Park has by far the most reviews.", "Brisa Inn has by far the most reviews."),
    Row("rooms", "The largest house is Duna Park with 145 rooms.", "The largest house is Hotel Alba with 84 rooms."),
    Row("bookings.hotel-alba", "Bookings at Hotel Alba fell by 6 %.", "Bookings at Hotel Alba rose by 6 %."),
    Row(
        "bookings.casa-verde",
        "Casa Verde's bookings are up 11 % on last year.",
        "Casa Verde's bookings are down 11 % on last year.",
    ),
    Row(
        "occ24 occ25",
        "Occupancy climbed from 62 % to 70 %, a gain of 8 percentage points.",
        "Occupancy climbed from 62 % to 70 %, a gain of 8 %.",
    ),
    Row(
        "occ24 occ25",
        "Occupancy rose by 8 points between 2024 and 2025.",
        "Occupancy rose by 13 points between 2024 and 2025.",
    ),
    Row("tax", "Add €3.50 city tax per person and night.", "Add $3.50 city tax per person and night."),
    Row("distance.duna-park", "Duna Park lies 2.5 km from the station.", "Duna Park lies 2.5 miles from the station."),
    Row("vis", "The city had 4.8 million visitors in 2025.", "The city had 4.8 million visitors in 2024."),
    Row("vis", "The city had 4.8 million visitors in 2025.", "The city had 4.8 billion visitors in 2025."),
    Row(
        "rate.hotel-alba",
        "A double at Hotel Alba starts at €128 per night.",
        "A double at Hotel Alba starts at €128 per week.",
    ),
    Row("reviews.duna-park", "Duna Park has over 1,000 reviews.", "Duna Park has over 1,100 reviews."),
    Row("reviews.brisa-inn", "Around 540 guests reviewed Brisa Inn.", "Around 620 guests reviewed Brisa Inn."),
    Row("rate", "All four hotels charge more than €90.", "All four hotels charge more than €100."),
    Row("rate", "Three of the four hotels charge more than €100.", "Two of the four hotels charge more than €100."),
    Row("rate", "We looked at four hotels near the station.", "We looked at five hotels near the station."),
    Row(
        "rate.hotel-alba rate.casa-verde",
        "Hotel Alba costs €128, Casa Verde €174.",
        "Hotel Alba costs €174, Casa Verde €128.",
    ),
    Row(
        "rate.hotel-alba rate.brisa-inn",
        "Brisa Inn is €32 cheaper than Hotel Alba.",
        "Brisa Inn is €42 cheaper than Hotel Alba.",
    ),
    Row(
        "rate.hotel-alba rate.brisa-inn",
        "Brisa Inn is 25 % cheaper than Hotel Alba.",
        "Brisa Inn is 33 % cheaper than Hotel Alba.",
    ),
    Row(
        "rooms.duna-park rooms.casa-verde",
        "Duna Park has 4.5 times as many rooms as Casa Verde.",
        "Duna Park has 5.5 times as many rooms as Casa Verde.",
    ),
    Row("rooms", "Duna Park alone has 45 % of all rooms.", "Duna Park alone has 54 % of all rooms."),
    Row("score", "Duna Park is rated lowest.", "Brisa Inn is rated lowest."),
    Row("rate", "Brisa Inn is cheaper than Duna Park.", "Hotel Alba is cheaper than Duna Park."),
    Row(
        "rooms",
        "Rates run from €96 (Brisa Inn) to €174 (Casa Verde).",
        "Rates run from €96 (Duna Park) to €174 (Casa Verde).",
    ),
    Row("rooms.duna-park", "Duna Park offers 145 rooms.", "Duna Park offers 154 rooms."),
    Row("rate", "The average rate is €127 per night.", "The average rate is €117 per night."),
    Row("score.brisa-inn", "Guests give Brisa Inn 8.4 out of 10.", "Guests give Brisa Inn 8.9 out of 10."),
    Row("bookings", "Only one hotel lost bookings.", "Two hotels lost bookings."),
    Row(
        "rate",
        "At €96, Brisa Inn is the cheapest; Casa Verde is the most expensive.",
        "At €96, Brisa Inn is the cheapest; Hotel Alba is the most expensive.",
    ),
    Row(
        "reviews.brisa-inn reviews.duna-park",
        "Together, Brisa Inn and Duna Park have 1,560 reviews.",
        "Together, Brisa Inn and Duna Park have 1,650 reviews.",
    ),
    Row("", "Most guests book early, and the best rooms go first."),
    Row("rate", "One of the cheapest options is Duna Park at €110."),
    Row("score", "Hotel Alba is the best choice for a team that wants quiet rooms."),
    Row("rate", "Of the two hotels under €120, Duna Park is larger."),
    Row(
        "rate.hotel-alba score.hotel-alba",
        "Hotel Alba (€128, score 9.1) is our pick; at least two rooms should be booked now.",
    ),
    Row("distance.brisa-inn", "At 3.2 km, Brisa Inn is the farthest from the station, so budget 10 minutes by tram."),
    Row("rate", "For five nights, four people would pay between €1,920 and €3,480."),
    Row("", "The order of the four hotels by rate stays the same between 5 and 50 guests."),
    Row("bookings.duna-park", "Duna Park's bookings grew 2 %, less than Casa Verde's 11 %."),
    Row("occ25", "With 70 % occupancy in 2025, rooms are scarce in summer."),
    Row("tax rate.hotel-alba", "Hotel Alba's rate of €128 becomes €131.50 with city tax."),
    Row("rooms", "Both Hotel Alba and Duna Park have more than 80 rooms."),
    Row("rate", "Prices are for two people in a double room; the first night is free of charge at none of them."),
    Row("score.casa-verde", "Casa Verde's 9.4 is the highest score; the other three lie between 7.9 and 9.1."),
    Row("reviews.duna-park", "With about 1,000 reviews, Duna Park's score is the most reliable."),
    Row("bookings", "Three of the four grew; Hotel Alba shrank by 6 %."),
    Row("rate.hotel-alba", "Since 2019 Hotel Alba has raised its rate to €128 per night."),
    Row("distance", "All hotels are within 3.5 km of the station."),
    Row("rate.brisa-inn rate.duna-park", "Brisa Inn and Duna Park cost €96 and €110 respectively."),
    Row("vis", "Nearly 5 million people visited the city in 2025."),
    Row("reviews", "The four hotels share 1,903 reviews between them, more than half of them Duna Park's."),
    Row("", "Next steps: 1. Call the top two. 2. Ask for a group rate of 10 %."),
    Row("rate", "The second cheapest is Duna Park, €14 above Brisa Inn."),
    Row(
        "rooms.casa-verde rate.casa-verde", "With only 32 rooms, Casa Verde is the smallest and, at €174, the dearest."
    ),
    Row("rate", "Average daily rate: €127. Median: €119."),
)
"""Four hotels, with other measures than those of the files."""

VENDORS = (
    Row("price", "Entry prices range from $29 at Meridian to $59 at Harborline, a factor of about two."),
    Row(
        "price",
        "The spread between the cheapest and the dearest plan is $30.",
        "The spread between the cheapest and the dearest plan is $20.",
    ),
    Row(
        "price rating",
        "Harborline is both the dearest and the best rated, which suggests that quality sells.",
        "Northwind is both the dearest and the best rated, which suggests that quality sells.",
    ),
    Row(
        "revenue",
        "Lakeview's revenue of $96.5 million is almost twice that of Meridian, the runner-up.",
        "Lakeview's revenue of $96.5 million is almost twice that of Harborline, the runner-up.",
    ),
    Row(
        "customers",
        "With 8,400 customers, Lakeview alone holds 44 % of the five's total.",
        "With 8,400 customers, Lakeview alone holds 34 % of the five's total.",
    ),
    Row("growth", "Four of the five vendors grew; only Lakeview shrank.", "All of the five vendors grew; none shrank."),
    Row(
        "founded",
        "Lakeview (1998) is the oldest vendor and Summit (2019) the youngest.",
        "Lakeview (1998) is the oldest vendor and Harborline (2016) the youngest.",
    ),
    Row(
        "staff revenue",
        "Summit is the smallest vendor by staff: 75 employees and $7.9 million.",
        "Summit is the largest vendor by staff: 75 employees and $7.9 million.",
    ),
    Row("price", "Meridian undercuts Lakeview by $10.", "Meridian undercuts Lakeview by $20."),
    Row(
        "price",
        "The median vendor charges $45 per seat and month; we suggest $39.",
        "The median vendor charges $47 per seat and month; we suggest $39.",
    ),
    Row("growth", "Growth ranges from −4 % to 31 %.", "Growth ranges from 4 % to 31 %."),
    Row(
        "growth",
        "At 31 % per year Harborline grows almost three times as fast as Northwind (12 %).",
        "At 31 % per year Harborline grows almost three times as fast as Meridian (12 %).",
    ),
    Row(
        "rating",
        "Ratings are close: 3.9 to 4.6 out of 5, with an average of 4.24.",
        "Ratings are close: 3.9 to 4.6 out of 5, with an average of 4.42.",
    ),
    Row(
        "customers",
        "Meridian and Harborline together serve 8,750 customers, slightly more than Lakeview.",
        "Meridian and Harborline together serve 7,850 customers, slightly more than Lakeview.",
    ),
    Row("price", "For 20 seats a year, Meridian costs $6,960.", "For 20 seats a year, Meridian costs $6,690."),
    Row("revenue", "Total revenue of the five is $216.0 million.", "Total revenue of the five is $261.0 million."),
    Row("share", "Northwind's share rose from 12 % in 2023 to 15 % in 2024, i.e. by a quarter."),
    Row("", "Summit should be our first call, because it is young and hungry."),
    Row("price customers", "Neither the cheapest nor the largest vendor publishes a roadmap."),
    Row("staff", "The five vendors employ 1,415 people in all.", "The five vendors employ 1,514 people in all."),
    Row("price", "At $49, Northwind is $4 above the median.", "At $49, Northwind is $14 above the median."),
    Row("rating", "Only Harborline scores above 4.5.", "Only Northwind scores above 4.5."),
    Row("customers revenue", "Per customer, Lakeview earns about $11,500 a year."),
    Row(
        "price",
        "Two vendors stay below $40: Lakeview and Meridian.",
        "Three vendors stay below $40: Lakeview, Summit and Meridian.",
    ),
    Row("founded", "Three vendors were founded after 2010."),
    Row("growth price", "Fast growth doesn't need low prices: the fastest grower charges the most."),
    Row("growth", "Meridian is growing faster than Northwind.", "Northwind is growing faster than Meridian."),
    Row(
        "customers",
        "Lakeview has seven times as many customers as Northwind.",
        "Lakeview has nine times as many customers as Northwind.",
    ),
    Row(
        "price",
        "On price, Summit sits exactly in the middle of the five.",
        "On price, Northwind sits exactly in the middle of the five.",
    ),
    Row("setup", "Meridian promises set-up in under 20 minutes.", "Meridian promises set-up in under 15 minutes."),
)
"""The five vendors of the files, in longer sentences."""

ROWS = (*HOTELS, *(row._replace(about="vendors") for row in VENDORS))
