"""Makes the checkpoints that weights_test.cpp reads where PyTorch for Python is absent.

Run in this folder with PyTorch 1.6 or later: python3 make_state_dicts.py
"""

import torch

model = torch.nn.Sequential(torch.nn.Conv2d(2, 1, 3), torch.nn.BatchNorm2d(1))
with torch.no_grad():
    model[0].weight.copy_(torch.arange(18.0).reshape(1, 2, 3, 3) / 4)
    model[0].bias.fill_(-1.5)
state_dict = model.state_dict()  # an OrderedDict with the attribute _metadata
torch.save(state_dict, "state_dict.pt")
torch.save(state_dict, "state_dict_before_1.6.pt", _use_new_zipfile_serialization=False)
