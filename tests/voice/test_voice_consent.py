"""What counts as a yes, and above all what does not."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tinyagent.voice.consent import HESITATIONS, MOST, NEGATIONS, STOPS, Verdict, verdict

YES = """
yes
Yes.
YES!
 yes
Yeah, yes.
Yeah, do it.
Yep.
yup
sure
Sure thing.
yes please
Yes, please.
Yes, yes, yes.
yes do it
Yes, do it!
do it
Do it now.
go ahead
Yes, go ahead.
Okay, go ahead, please.
Go for it.
please do
Yes, please do.
yes send it
Yes, send it, please.
yes delete it
Yes, thank you.
Yes, thanks.
Of course.
Yes, of course.
Absolutely.
Definitely, go ahead.
Affirmative.
I confirm.
Confirmed.
Okay, yes.
Yes, that's right.
Yes, that’s correct.
Yes, I'm sure.
I said yes.
Alright, do it.
Oh yes.
Yes — proceed.
"""

NO = """
no
No.
nope
Nah.
no thank you
No, thanks.
no yes
Yes, no.
yeah no
Yeah, no, don't.
okay wait don't
Okay, wait, don’t!
yes but not that one
Yes, but not Ana.
yes don't
do not
Don't do it.
Please don't.
dont
I don't know.
Not now.
Not yes.
not sure
I'm not sure.
never
Never mind.
nevermind
no problem
Yes, why not?
Yes... no.
YES-NO
no_yes
cancel
Cancel that.
Stop.
Stop it!
Forget it.
Leave it.
Negative.
I can't say yes.
I won't.
Nothing.
That's wrong.
Do it? No!
Yes, without Ana.
"""

UNCLEAR = """
.
...
?
maybe
Maybe yes.
yes maybe
Perhaps.
um
Um, yes.
Yes, uh...
Hmm.
mm-hmm
uh-huh
wait
Yes, wait.
Wait, yes.
Hold on.
Hang on a second.
One moment.
Yes if she is there
Yes, but tomorrow.
Yes, except Ana.
Yes, I think.
I guess so.
probably
Yes?
What?
Do what?
yeah
Yeah.
Yea, yea.
Yeah, please.
Yeah, cancel it.
okay
Ok.
Okay.
Alright.
Right.
Fine.
Great.
please
you
You.
Thank you.
Thanks.
Thank you very much.
Thanks for watching!
Thank you for watching.
Bye.
So
Oh
I'm sorry.
The
I'll see you next time.
Subtitles by the Amara.org community
[BLANK_AUDIO]
[ Silence ]
(upbeat music)
(laughs) Yes.
♪ Yes ♪
*sighs*
Yes yes yes yes yes yes yes yes yes
Yes, tomorrow.
Yes, Ana.
Yes, to Bob.
Yes, the second one.
Yes, send it to Bob.
Yes, send the other mail.
Yes, and delete everything.
Yes, and turn on the light.
Yes, cancel it.
Yes, stop it.
Send it.
Delete it.
What time is it?
turn on the light
yesterday
eyes
yet
yesno
yess
ye
y
да
1
you yes
Yes you.
Yes sir, I can boogie.
She said yes.
Do you want it? Yes.
"""


def rows(text):
    return [line for line in text.split("\n") if line]


CASES = [
    (line, expected)
    for text, expected in ((YES, Verdict.YES), (NO, Verdict.NO), (UNCLEAR, Verdict.UNCLEAR))
    for line in rows(text)
]


def test_the_table_is_large_enough():
    assert len(CASES) >= 80 and len({text for text, _ in CASES}) == len(CASES)


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_an_utterance(text, expected):
    assert verdict(text) is expected


@pytest.mark.parametrize("text", ["", " ", "\n", "\x00", "\u200b"])
def test_silence_is_no_yes(text):
    assert verdict(text) is Verdict.UNCLEAR


@pytest.mark.parametrize(
    ("text", "tool", "expected"),
    [
        ("yes send it", "send_sms", Verdict.YES),
        ("yes send it", "compose_new_email", Verdict.YES),
        ("yes send it", "post-message", Verdict.YES),
        ("yes delete it", "delete_reminder", Verdict.YES),
        ("yes remove them", "delete_file", Verdict.YES),
        ("yes close it", "close_app", Verdict.YES),
        ("yes delete it", "send_sms", Verdict.UNCLEAR),
        ("yes send it", "delete_file", Verdict.UNCLEAR),
        ("yes do it", "delete_file", Verdict.YES),
        ("yes cancel it", "cancel_alarm", Verdict.UNCLEAR),
        ("yes", "cancel_alarm", Verdict.YES),
        ("cancel", "cancel_alarm", Verdict.NO),
    ],
)
def test_the_action_has_to_be_the_one_that_was_asked_about(text, tool, expected):
    assert verdict(text, tool) is expected


REFUSING = sorted(NEGATIONS | HESITATIONS | STOPS)
AGREEING = [line.strip(" .!") for line in rows(YES)]
talk = st.lists(st.one_of(st.sampled_from(AGREEING), st.text(max_size=12)), max_size=4)
between = st.sampled_from([" ", ", ", ". ", "! ", " - ", "\n"])
case = st.sampled_from([str.lower, str.upper, str.title])


@settings(deadline=None)
@given(talk, st.sampled_from(REFUSING), talk, between, case)
@example(["yes"], "don't", [], " ", str.title)
@example(["yes"], "no", ["yes"], " - ", str.upper)
def test_nothing_with_a_negation_or_a_hesitation_is_a_yes(before, word, after, gap, spell):
    assert verdict(gap.join([*before, spell(word), *after])) is not Verdict.YES


@settings(deadline=None)
@given(talk, st.sampled_from(sorted(NEGATIONS)), talk, between)
def test_a_negation_is_a_no(before, word, after, gap):
    assert verdict(gap.join([*before, word, *after])) is Verdict.NO


@settings(deadline=None)
@given(st.sampled_from(AGREEING), st.text(alphabet="abcdefghijklmnopqrstuvwxyzäß", max_size=9), st.booleans())
def test_a_yes_with_a_word_that_is_not_known_is_none(yes, letters, first):
    word = f"q{letters}"  # no word of a yes begins with it
    assert verdict(f"{word} {yes}" if first else f"{yes} {word}") is not Verdict.YES


@settings(deadline=None)
@given(st.text())
def test_any_text_has_a_verdict_and_a_yes_is_short(text):
    said = verdict(text)
    assert said is not Verdict.YES or len(text.split()) <= MOST * 2


@settings(deadline=None)
@given(st.lists(st.sampled_from(AGREEING), min_size=1, max_size=2))
def test_a_yes_stays_one_when_it_is_said_twice(parts):
    text = ", ".join(parts)
    expected = Verdict.YES if len(text.replace("—", "").split()) <= MOST else Verdict.UNCLEAR
    assert verdict(text) is expected
