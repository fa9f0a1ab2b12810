"""The number format that is trained in."""

import torch

from tinyagent.training.precision import fastest


def test_it_is_one_of_the_two_and_stays_it():
    assert fastest() in (torch.bfloat16, torch.float32)
    assert fastest() is fastest()
