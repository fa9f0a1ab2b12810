"""What is said in the measurements of the voice daemon: commands that run on scratch stores, and talk."""

from __future__ import annotations

COMMANDS = (
    "set a timer for ten minutes", "remind me to call Sid at three", "wake me up at seven tomorrow morning",
    "add milk to the shopping list", "what is on my calendar on friday", "set an alarm for half past six",
    "put lunch with Ana on my calendar tomorrow at noon", "what is twelve times seventeen", "start a five minute timer",
    "remind me tomorrow to water the plants", "add eggs and bread to the groceries list", "what is on my to do list",
    "schedule a meeting with Priya on monday at ten", "take a note that the boiler was serviced",
    "how many minutes are left on my timer", "what is Tom's phone number", "set a timer for forty five seconds",
    "remind me to pay the rent on the first", "what time is it in Tokyo", "do I have anything on thursday afternoon",
    "put batteries on the shopping list", "remind me at nine to take out the bins", "convert ten miles to kilometres",
    "set an alarm for eight on saturday", "what are my reminders", "add call the dentist to my to do list",
    "make a note about the garden fence", "what is fifteen percent of eighty", "set a timer for an hour and a half",
    "remind me in twenty minutes to check the oven",
)  # fmt: skip
"""None needs a yes, a device or the network."""
CHATTER = (
    "I think we should have painted the kitchen yellow.", "Did you see the match last night? It went to penalties.",
    "She said the train was late again, so she took the bus.", "There is some soup left if anybody is hungry.",
    "He bought a new computer, and it broke after a week.", "We could drive to the lake when the weather is better.",
)  # fmt: skip
"""None has a wake word in it, but one comes close."""
