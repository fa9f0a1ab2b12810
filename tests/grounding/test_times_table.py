"""Hand-written rows: what words mean, on a Monday morning unless the row says another time."""

from datetime import datetime

import pytest

from tinyagent.grounding.times import (
    first_occurrence,
    resolve_duration,
    resolve_recurrence,
    resolve_span,
    resolve_when,
)

MONDAY = datetime(2026, 3, 2, 9, 0)
EVENING = datetime(2026, 3, 2, 19, 30)
FRIDAY = datetime(2026, 3, 6, 14, 0)

WHEN = """
half past nine tonight | 2026-03-02T21:30:00
in twenty minutes | 2026-03-02T09:20:00
next tuesday | 2026-03-10
three | 2026-03-02T15:00:00
one | 2026-03-02T13:00:00
six | 2026-03-02T18:00:00
seven | 2026-03-02T19:00:00
eight | 2026-03-02T20:00:00
ten | 2026-03-02T10:00:00
eleven | 2026-03-02T11:00:00
twelve | 2026-03-02T12:00:00
at three | 2026-03-02T15:00:00
3 pm | 2026-03-02T15:00:00
3pm | 2026-03-02T15:00:00
3 p.m. | 2026-03-02T15:00:00
three p m | 2026-03-02T15:00:00
7 a m | 2026-03-03T07:00:00
9a | 2026-03-02T09:00:00
7p | 2026-03-02T19:00:00
12 am | 2026-03-03T00:00:00
12 pm | 2026-03-02T12:00:00
twelve thirty pm | 2026-03-02T12:30:00
19:30 | 2026-03-02T19:30:00
7.45 am | 2026-03-03T07:45:00
1530 | 2026-03-02T15:30:00
0700 | 2026-03-03T07:00:00
18h30 | 2026-03-02T18:30:00
nineteen hundred hours | 2026-03-02T19:00:00
fifteen thirty hours | 2026-03-02T15:30:00
half nine | 2026-03-02T09:30:00
half past nine | 2026-03-02T09:30:00
half past midnight | 2026-03-03T00:30:00
quarter to eight | 2026-03-02T19:45:00
a quarter past six | 2026-03-02T18:15:00
quarter of ten | 2026-03-02T09:45:00
twenty to six | 2026-03-02T17:40:00
five to six | 2026-03-02T17:55:00
thirty-six minutes past eight | 2026-03-02T20:36:00
quarter to midnight | 2026-03-02T23:45:00
quarter to one pm | 2026-03-02T12:45:00
five past | 2026-03-02T09:05:00
half past | 2026-03-02T09:30:00
seven thirty | 2026-03-02T19:30:00
six oh five | 2026-03-02T18:05:00
two forty five | 2026-03-02T14:45:00
two o'clock | 2026-03-02T14:00:00
two o’clock | 2026-03-02T14:00:00
eight sharp | 2026-03-02T20:00:00
nine on the dot | 2026-03-02T09:00:00
around four | 2026-03-02T16:00:00
11ish | 2026-03-02T11:00:00
elevenish | 2026-03-02T11:00:00
7:56:30 am | 2026-03-03T07:56:30
noon | 2026-03-02T12:00:00
midday | 2026-03-02T12:00:00
midnight | 2026-03-03T00:00:00
lunchtime | 2026-03-02T12:00:00
before six | 2026-03-02T18:00:00
seven in the morning | 2026-03-03T07:00:00
six in the evening | 2026-03-02T18:00:00
eleven at night | 2026-03-02T23:00:00
two at night | 2026-03-03T02:00:00
in the afternoon at 7 | 2026-03-02T19:00:00
tonight | 2026-03-02T20:00:00
tonite | 2026-03-02T20:00:00
this evening | 2026-03-02T18:00:00
this afternoon | 2026-03-02T15:00:00
tomorrow morning | 2026-03-03T09:00:00
tomorrow night | 2026-03-03T20:00:00
after lunch | 2026-03-02T13:00:00
after work | 2026-03-02T17:30:00
after lunch tomorrow | 2026-03-03T13:00:00
end of day | 2026-03-02T17:00:00
end of the day tomorrow | 2026-03-03T17:00:00
eod friday | 2026-03-06T17:00:00
end of tomorrow | 2026-03-03T23:59:59
first thing tomorrow | 2026-03-03T08:00:00
first thing in the morning | 2026-03-03T08:00:00
later today | 2026-03-02T12:00:00
friday afternoon | 2026-03-06T15:00:00
late friday | 2026-03-06T20:00:00
at nine tonight | 2026-03-02T21:00:00
tonight at twelve | 2026-03-03T00:00:00
tonight at midnight | 2026-03-03T00:00:00
saturday night at one | 2026-03-08T01:00:00
tomorrow at nine | 2026-03-03T09:00:00
nine tomorrow | 2026-03-03T09:00:00
tmrw 9am | 2026-03-03T09:00:00
tomorrow 9 | 2026-03-03T09:00:00
tomorow at noon | 2026-03-03T12:00:00
friday at 4pm | 2026-03-06T16:00:00
friday 3pm | 2026-03-06T15:00:00
wed at half six | 2026-03-04T18:30:00
weds 10:30 | 2026-03-04T10:30:00
thurs at noon | 2026-03-05T12:00:00
nxt tuesday at four | 2026-03-10T16:00:00
two in the afternoon on monday | 2026-03-09T14:00:00
monday afternoon at two | 2026-03-09T14:00:00
today at 7 | 2026-03-02T19:00:00
may 5th 2027 at 10 | 2027-05-05T10:00:00
12:30 december 27th | 2026-12-27T12:30:00
2026-03-05T14:30:00 | 2026-03-05T14:30:00
2026-03-05 14:30 | 2026-03-05T14:30:00
sunday late evening at 10:00 | 2026-03-08T22:00:00
today | 2026-03-02
tomorrow | 2026-03-03
tmr | 2026-03-03
yesterday | 2026-03-01
the day after tomorrow | 2026-03-04
the day before yesterday | 2026-02-28
friday | 2026-03-06
monday | 2026-03-09
this monday | 2026-03-02
this friday | 2026-03-06
this tuesday | 2026-03-03
next monday | 2026-03-09
next sunday | 2026-03-15
last friday | 2026-02-27
last monday | 2026-02-23
coming saturday | 2026-03-07
this coming sunday | 2026-03-08
the following monday | 2026-03-09
friday after next | 2026-03-20
the friday after next | 2026-03-20
monday week | 2026-03-16
tomorrow week | 2026-03-10
a week from monday | 2026-03-16
a week on thursday | 2026-03-12
a week today | 2026-03-09
two weeks from tomorrow | 2026-03-17
two fridays from now | 2026-03-13
wednesday next week | 2026-03-11
next week wednesday | 2026-03-11
tuesday of next week | 2026-03-10
thursday in two weeks | 2026-03-19
in three days | 2026-03-05
in a fortnight | 2026-03-16
in a fortnight's time | 2026-03-16
in two weeks | 2026-03-16
a month from now | 2026-04-02
two days ago | 2026-02-28
three weeks hence | 2026-03-23
three days after tomorrow | 2026-03-06
2 weeks before christmas | 2026-12-11
the 21st | 2026-03-21
the 1st | 2026-04-01
the first of the month | 2026-04-01
the tenth of next month | 2026-04-10
friday the 13th | 2026-03-13
monday 21 | 2026-09-21
the fifth of may | 2026-05-05
may the fifth | 2026-05-05
5 may | 2026-05-05
may 5th 2027 | 2027-05-05
may twenty nine | 2026-05-29
january first two thousand and thirty two | 2032-01-01
dec. 31, 2026 | 2026-12-31
dec31 | 2026-12-31
15 april of 87 | 1987-04-15
5/3 | 2026-05-03
22/04 | 2026-04-22
3/1 | 2027-03-01
3.5.2026 | 2026-05-03
13.08. | 2026-08-13
12/12/30 | 2030-12-12
2026-11-14 | 2026-11-14
2026-aug-1 | 2026-08-01
20261016 | 2026-10-16
sep-23-2026 | 2026-09-23
feb 29 | 2028-02-29
end of the month | 2026-03-31
the end of the week | 2026-03-06
the beginning of next month | 2026-04-01
mid july | 2026-07-15
this weekend | 2026-03-07
next weekend | 2026-03-14
next week | 2026-03-09
next month | 2026-04-01
this week | 2026-03-02
in june | 2026-06-01
in the summer | 2026-06-01
the first monday of october | 2026-10-05
the last friday of the month | 2026-03-27
the last day of march | 2026-03-31
second tuesday in april | 2026-04-14
christmas | 2026-12-25
xmas eve | 2026-12-24
new year's eve | 2026-12-31
new years day | 2027-01-01
halloween | 2026-10-31
valentine's day | 2027-02-14
thanksgiving | 2026-11-26
easter | 2026-04-05
easter 2018 | 2018-04-01
last easter | 2025-04-20
good friday | 2026-04-03
st patrick's day | 2026-03-17
mother's day | 2026-05-10
black friday 2010 | 2010-11-26
the day before christmas | 2026-12-24
in an hour | 2026-03-02T10:00:00
in an hour and a half | 2026-03-02T10:30:00
in half an hour | 2026-03-02T09:30:00
in a couple of hours | 2026-03-02T11:00:00
in 90 mins | 2026-03-02T10:30:00
in 2 hrs | 2026-03-02T11:00:00
in 30 seconds | 2026-03-02T09:00:30
in half a day | 2026-03-02T21:00:00
in 24 hours | 2026-03-03T09:00:00
ten minutes from now | 2026-03-02T09:10:00
an hour ago | 2026-03-02T08:00:00
30 minutes later | 2026-03-02T09:30:00
half an hour before noon | 2026-03-02T11:30:00
ten minutes before three | 2026-03-02T14:50:00
right now | 2026-03-02T09:00:00
until friday | 2026-03-06
this time tomorrow | 2026-03-03T09:00:00
in five | 2026-03-02T09:05:00
in an hour or so | 2026-03-02T10:00:00
10 to 4 | 2026-03-02T15:50:00
by noon | 2026-03-02T12:00:00
"""

NOT_A_TIME = """
hello
the second thing
feb 30
30.02.2026
the 32nd
25:00
7:61
two eggs
three people
budget
nine lives
"""

NEXT = [  # alarms: the next time the clock shows it
    ("three", MONDAY, "2026-03-02T15:00:00"),
    ("seven", MONDAY, "2026-03-02T19:00:00"),
    ("seven", EVENING, "2026-03-03T07:00:00"),
    ("three", EVENING, "2026-03-03T03:00:00"),
    ("half past seven", EVENING, "2026-03-02T19:30:00"),
    ("6:30", EVENING, "2026-03-03T06:30:00"),
    ("twelve", EVENING, "2026-03-03T00:00:00"),
    ("seven tomorrow", MONDAY, "2026-03-03T07:00:00"),
    ("five tomorrow", MONDAY, "2026-03-03T05:00:00"),
    ("nine tonight", EVENING, "2026-03-02T21:00:00"),
    ("7 pm", EVENING, "2026-03-03T19:00:00"),
    ("19:45", EVENING, "2026-03-02T19:45:00"),
]

LATER = [
    ("three", EVENING, "2026-03-03T15:00:00"),
    ("nine", EVENING, "2026-03-02T21:00:00"),
    ("eight", EVENING, "2026-03-02T20:00:00"),
    ("seven", EVENING, "2026-03-03T07:00:00"),
    ("noon", EVENING, "2026-03-03T12:00:00"),
    ("tonight", EVENING, "2026-03-02T20:00:00"),
    ("tonight", datetime(2026, 3, 2, 21, 15), "2026-03-02T22:00:00"),
    ("friday", FRIDAY, "2026-03-13"),
    ("this friday", FRIDAY, "2026-03-06"),
    ("today", FRIDAY, "2026-03-06"),
    ("this weekend", datetime(2026, 3, 8, 10), "2026-03-08"),
    ("next monday", datetime(2026, 3, 8, 10), "2026-03-09"),
    ("in the morning", EVENING, "2026-03-03T09:00:00"),
    ("in the morning", datetime(2026, 3, 2, 6, 0), "2026-03-02T09:00:00"),
    ("end of day", EVENING, "2026-03-03T17:00:00"),
    ("january 1st", datetime(2026, 12, 31, 23, 0), "2027-01-01"),
    ("the 31st", datetime(2026, 4, 1, 9), "2026-05-31"),
    ("in a month", datetime(2026, 1, 31, 9), "2026-02-28"),
    ("half past", datetime(2026, 3, 2, 9, 45), "2026-03-02T10:30:00"),
    ("friday, june 15th", datetime(2018, 6, 20), "2018-06-15"),
]

SPANS = """
this weekend | 2026-03-07T00:00:00/2026-03-09T00:00:00
next weekend | 2026-03-14T00:00:00/2026-03-16T00:00:00
next week | 2026-03-09T00:00:00/2026-03-16T00:00:00
this week | 2026-03-02T00:00:00/2026-03-09T00:00:00
last week | 2026-02-23T00:00:00/2026-03-02T00:00:00
the week after next | 2026-03-16T00:00:00/2026-03-23T00:00:00
today | 2026-03-02T00:00:00/2026-03-03T00:00:00
tomorrow | 2026-03-03T00:00:00/2026-03-04T00:00:00
on friday | 2026-03-06T00:00:00/2026-03-07T00:00:00
tomorrow morning | 2026-03-03T06:00:00/2026-03-03T12:00:00
this afternoon | 2026-03-02T12:00:00/2026-03-02T18:00:00
tonight | 2026-03-02T18:00:00/2026-03-03T00:00:00
friday at three | 2026-03-06T15:00:00/2026-03-06T16:00:00
noon | 2026-03-02T12:00:00/2026-03-02T13:00:00
in june | 2026-06-01T00:00:00/2026-07-01T00:00:00
in june 2027 | 2027-06-01T00:00:00/2027-07-01T00:00:00
this month | 2026-03-01T00:00:00/2026-04-01T00:00:00
last month | 2026-02-01T00:00:00/2026-03-01T00:00:00
next year | 2027-01-01T00:00:00/2028-01-01T00:00:00
in 2027 | 2027-01-01T00:00:00/2028-01-01T00:00:00
the 2020s | 2020-01-01T00:00:00/2030-01-01T00:00:00
the nineties | 1990-01-01T00:00:00/2000-01-01T00:00:00
in the summer | 2026-06-01T00:00:00/2026-09-01T00:00:00
next winter | 2026-12-01T00:00:00/2027-03-01T00:00:00
in Q3 | 2026-07-01T00:00:00/2026-10-01T00:00:00
q1 of 2027 | 2027-01-01T00:00:00/2027-04-01T00:00:00
next quarter | 2026-04-01T00:00:00/2026-07-01T00:00:00
between two and four | 2026-03-02T14:00:00/2026-03-02T16:00:00
between two and four on friday | 2026-03-06T14:00:00/2026-03-06T16:00:00
from two to four on friday | 2026-03-06T14:00:00/2026-03-06T16:00:00
friday from two to four | 2026-03-06T14:00:00/2026-03-06T16:00:00
from nine to five | 2026-03-02T09:00:00/2026-03-02T17:00:00
from 3 to 4 pm | 2026-03-02T15:00:00/2026-03-02T16:00:00
between 9:30 and 3:00 pm | 2026-03-02T09:30:00/2026-03-02T15:00:00
between 10 and 11:30 | 2026-03-02T10:00:00/2026-03-02T11:30:00
from six to eight in the evening | 2026-03-02T18:00:00/2026-03-02T20:00:00
from ten until noon tomorrow | 2026-03-03T10:00:00/2026-03-03T12:00:00
10am to 12pm tuesday | 2026-03-03T10:00:00/2026-03-03T12:00:00
6-8 next monday | 2026-03-09T18:00:00/2026-03-09T20:00:00
from monday to wednesday | 2026-03-09T00:00:00/2026-03-12T00:00:00
from tuesday to thursday | 2026-03-03T00:00:00/2026-03-06T00:00:00
thursday and friday | 2026-03-05T00:00:00/2026-03-07T00:00:00
next week tuesday to thursday | 2026-03-10T00:00:00/2026-03-13T00:00:00
between the 3rd and the 9th | 2026-03-03T00:00:00/2026-03-10T00:00:00
from july 1st to july 15th | 2026-07-01T00:00:00/2026-07-16T00:00:00
june 5 to 8 | 2026-06-05T00:00:00/2026-06-09T00:00:00
9 to 12 of june | 2026-06-09T00:00:00/2026-06-13T00:00:00
from may to october | 2026-05-01T00:00:00/2026-11-01T00:00:00
between christmas and new year | 2026-12-25T00:00:00/2027-01-02T00:00:00
the next three days | 2026-03-02T00:00:00/2026-03-05T00:00:00
the next 48 hours | 2026-03-02T09:00:00/2026-03-04T09:00:00
in the next hour | 2026-03-02T09:00:00/2026-03-02T10:00:00
the last ten minutes | 2026-03-02T08:50:00/2026-03-02T09:00:00
within two hours | 2026-03-02T09:00:00/2026-03-02T11:00:00
before six | 2026-03-02T09:00:00/2026-03-02T18:00:00
before noon | 2026-03-02T09:00:00/2026-03-02T12:00:00
before 9 on wednesday | 2026-03-04T00:00:00/2026-03-04T09:00:00
after seven | 2026-03-02T19:00:00/2026-03-03T00:00:00
after lunch | 2026-03-02T13:00:00/2026-03-03T00:00:00
after lunch tomorrow | 2026-03-03T13:00:00/2026-03-04T00:00:00
tomorrow after 5 | 2026-03-03T17:00:00/2026-03-04T00:00:00
until friday | 2026-03-02T09:00:00/2026-03-07T00:00:00
since yesterday | 2026-03-01T00:00:00/2026-03-02T09:00:00
before the end of the month | 2026-03-02T09:00:00/2026-04-01T00:00:00
for the rest of the day | 2026-03-02T09:00:00/2026-03-03T00:00:00
the rest of the week | 2026-03-02T00:00:00/2026-03-09T00:00:00
the week of march 10 | 2026-03-09T00:00:00/2026-03-16T00:00:00
the week before christmas | 2026-12-18T00:00:00/2026-12-25T00:00:00
the first week of may | 2026-05-04T00:00:00/2026-05-11T00:00:00
the last weekend of june | 2026-06-27T00:00:00/2026-06-29T00:00:00
the first two weeks of july | 2026-07-01T00:00:00/2026-07-15T00:00:00
the second half of march | 2026-03-15T00:00:00/2026-04-01T00:00:00
early next week | 2026-03-09T00:00:00/2026-03-11T00:00:00
late january | 2027-01-22T00:00:00/2027-02-01T00:00:00
easter weekend | 2026-04-03T00:00:00/2026-04-07T00:00:00
halloween weekend | 2026-10-31T00:00:00/2026-11-02T00:00:00
tomorrow from nine for two hours | 2026-03-03T09:00:00/2026-03-03T11:00:00
from 2014 to 2018 | 2014-01-01T00:00:00/2019-01-01T00:00:00
between now and dinner | 2026-03-02T09:00:00/2026-03-02T18:00:00
"""

DURATIONS = """
ten minutes | PT10M
an hour and a half | PT1H30M
one and a half hours | PT1H30M
two and a half hours | PT2H30M
quarter of an hour | PT15M
three quarters of an hour | PT45M
half an hour | PT30M
half hour | PT30M
1h30 | PT1H30M
2h 15m | PT2H15M
45-minute | PT45M
90 secs | PT1M30S
90 seconds | PT1M30S
a minute or two | PT2M
two or three minutes | PT3M
a couple of hours | PT2H
a few minutes | PT3M
an hour and ten | PT1H10M
1 minute 45 | PT1M45S
one hour thirty | PT1H30M
two hours and a quarter | PT2H15M
1.5 hours | PT1H30M
two hours and ten minutes | PT2H10M
a hundred and twenty seconds | PT2M
two days | P2D
a week | P7D
a fortnight | P14D
three months | P3M
a year and a half | P1Y6M
1 day 2 hours | P1DT2H
for ten minutes | PT10M
thirty minutes exactly | PT30M
PT90M | PT1H30M
half a day | PT12H
all day | P1D
two nights | P2D
"""

RULES = """
daily | FREQ=DAILY
every day | FREQ=DAILY
everyday | FREQ=DAILY
every morning | FREQ=DAILY
every night | FREQ=DAILY
nightly | FREQ=DAILY
every other day | FREQ=DAILY;INTERVAL=2
every three days | FREQ=DAILY;INTERVAL=3
every weekday | FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
weekdays | FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
every working day | FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
monday to friday | FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
on weekends | FREQ=WEEKLY;BYDAY=SA,SU
every monday | FREQ=WEEKLY;BYDAY=MO
on mondays | FREQ=WEEKLY;BYDAY=MO
mondays and thursdays | FREQ=WEEKLY;BYDAY=MO,TH
thursdays and mondays | FREQ=WEEKLY;BYDAY=MO,TH
every tuesday and thursday | FREQ=WEEKLY;BYDAY=TU,TH
on mon, wed and fri | FREQ=WEEKLY;BYDAY=MO,WE,FR
every thursday night | FREQ=WEEKLY;BYDAY=TH
every morning except sunday | FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA
weekly | FREQ=WEEKLY
once a week | FREQ=WEEKLY
every other week | FREQ=WEEKLY;INTERVAL=2
fortnightly | FREQ=WEEKLY;INTERVAL=2
every two weeks | FREQ=WEEKLY;INTERVAL=2
every other friday | FREQ=WEEKLY;INTERVAL=2;BYDAY=FR
every second wednesday | FREQ=WEEKLY;INTERVAL=2;BYDAY=WE
every week on friday | FREQ=WEEKLY;BYDAY=FR
monthly | FREQ=MONTHLY
every six months | FREQ=MONTHLY;INTERVAL=6
every quarter | FREQ=MONTHLY;INTERVAL=3
every first monday of the month | FREQ=MONTHLY;BYDAY=1MO
the first monday of every month | FREQ=MONTHLY;BYDAY=1MO
the last friday of each month | FREQ=MONTHLY;BYDAY=-1FR
on the first of every month | FREQ=MONTHLY;BYMONTHDAY=1
every month on the 15th | FREQ=MONTHLY;BYMONTHDAY=15
on the 10th and 25th of each month | FREQ=MONTHLY;BYMONTHDAY=10,25
on the last day of the month | FREQ=MONTHLY;BYMONTHDAY=-1
yearly | FREQ=YEARLY
every march 3rd | FREQ=YEARLY;BYMONTHDAY=3;BYMONTH=3
every year on march 3rd | FREQ=YEARLY;BYMONTHDAY=3;BYMONTH=3
every year on the 3rd of april | FREQ=YEARLY;BYMONTHDAY=3;BYMONTH=4
every january | FREQ=YEARLY;BYMONTH=1
hourly | FREQ=HOURLY
every 2 hours | FREQ=HOURLY;INTERVAL=2
every half hour | FREQ=MINUTELY;INTERVAL=30
every 90 minutes | FREQ=MINUTELY;INTERVAL=90
every tuesday until june | FREQ=WEEKLY;BYDAY=TU;UNTIL=20260531T235959
every day until friday | FREQ=DAILY;UNTIL=20260306T235959
every monday for ten weeks | FREQ=WEEKLY;BYDAY=MO;COUNT=10
every day for a week | FREQ=DAILY;COUNT=7
every day this week | FREQ=DAILY;UNTIL=20260308T235959
"""

OCCURRENCES = [
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-03-02T07:00:00", MONDAY, "2026-03-03T07:00:00"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "2026-03-02T10:00:00", MONDAY, "2026-03-02T10:00:00"),
    ("FREQ=WEEKLY;BYDAY=SA", "2026-03-03T09:00:00", MONDAY, "2026-03-07T09:00:00"),
    ("FREQ=DAILY", None, MONDAY, "2026-03-02"),
    ("FREQ=WEEKLY;BYDAY=FR", None, MONDAY, "2026-03-06"),
    ("FREQ=MONTHLY;BYMONTHDAY=1", "2026-03-02T12:00:00", MONDAY, "2026-04-01T12:00:00"),
    ("FREQ=MONTHLY;BYDAY=-1FR", None, MONDAY, "2026-03-27"),
    ("FREQ=YEARLY;BYMONTHDAY=3;BYMONTH=3", None, MONDAY, "2026-03-03"),
    ("FREQ=WEEKLY;BYDAY=MO", "2026-04-01", MONDAY, "2026-04-06"),
    ("FREQ=HOURLY;INTERVAL=2", None, MONDAY, "2026-03-02T09:00:00"),
    ("FREQ=WEEKLY", None, MONDAY, "2026-03-02"),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "2026-03-04T18:30:00", MONDAY, "2026-03-04T18:30:00"),
]


def _rows(table: str) -> list[tuple[str, str]]:
    rows = [line.partition(" | ") for line in table.strip().splitlines()]
    return [(words, expected) for words, _, expected in rows]


@pytest.mark.parametrize(("words", "expected"), _rows(WHEN))
def test_when(words, expected):
    assert resolve_when(words, MONDAY) == expected


@pytest.mark.parametrize("words", NOT_A_TIME.strip().splitlines())
def test_not_a_time(words):
    assert resolve_when(words, MONDAY) is None


@pytest.mark.parametrize(("words", "now", "expected"), NEXT)
def test_the_next_time_the_clock_shows_it(words, now, expected):
    assert resolve_when(words, now, prefer="next") == expected


@pytest.mark.parametrize(("words", "now", "expected"), LATER)
def test_when_at_other_times(words, now, expected):
    assert resolve_when(words, now) == expected


def test_context_says_the_part_of_the_day():
    assert resolve_when("six", MONDAY, context="every morning") == "2026-03-03T06:00:00"
    assert resolve_when("six", MONDAY, prefer="next", context="every evening") == "2026-03-02T18:00:00"
    assert resolve_when("six pm", MONDAY, context="every morning") == "2026-03-02T18:00:00"


@pytest.mark.parametrize(("words", "expected"), _rows(SPANS))
def test_span(words, expected):
    assert resolve_span(words, MONDAY) == expected


@pytest.mark.parametrize(("words", "expected"), _rows(DURATIONS))
def test_duration(words, expected):
    assert resolve_duration(words) == expected


@pytest.mark.parametrize(("words", "expected"), _rows(RULES))
def test_recurrence(words, expected):
    assert resolve_recurrence(words, MONDAY) == expected


@pytest.mark.parametrize("words", ["twice a week", "monday", "tomorrow", "", "every", "three times a day"])
def test_no_rule(words):
    assert resolve_recurrence(words, MONDAY) is None


@pytest.mark.parametrize(("rrule", "when", "now", "expected"), OCCURRENCES)
def test_first_occurrence(rrule, when, now, expected):
    assert first_occurrence(rrule, when, now) == expected


def test_every_weekday_at_seven():
    rule = resolve_recurrence("every weekday", MONDAY)
    when = resolve_when("seven", MONDAY, prefer="next")
    assert rule == "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    assert first_occurrence(rule, when, MONDAY) == "2026-03-02T19:00:00"
