#!/usr/bin/env python3
"""Remakes the ONNX models beside this file: narrow networks of well-known architectures with random weights, and what
PyTorch computes with them. Needs Debian's python3-torch and python3-torchvision. Run it in this folder."""
import numpy
import torch
from torch import nn
from torch.nn import functional
from torchvision import models
from torchvision.models.resnet import BasicBlock


class Unet(nn.Module):
    """Two levels; one up by a transposed convolution, one by bilinear interpolation to the size of the skip."""

    def __init__(self):
        super().__init__()
        self.enter = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU())
        self.down1 = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(6, 8, 3, padding=1), nn.LeakyReLU(0.2))
        self.down2 = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 12, 3, padding=1), nn.ReLU())
        self.up1 = nn.ConvTranspose2d(12, 8, 2, stride=2)
        self.merge1 = nn.Conv2d(16, 8, 3, padding=1)
        self.merge2 = nn.Conv2d(14, 6, 3, padding=1)
        self.leave = nn.Conv2d(6, 2, 1)

    def forward(self, x):
        a = self.enter(x)
        b = self.down1(a)
        c = self.up1(self.down2(b))
        d = functional.relu(self.merge1(torch.cat([c, b], 1)))
        d = functional.interpolate(d, size=[a.size(2), a.size(3)], mode="bilinear", align_corners=True)
        return torch.sigmoid(self.leave(functional.relu(self.merge2(torch.cat([d, a], 1)))))


def narrow_resnet():
    network = models.ResNet(BasicBlock, [1, 1, 1, 1], num_classes=5)
    network.conv1 = nn.Conv2d(3, 8, 7, stride=2, padding=3, bias=False)
    network.bn1 = nn.BatchNorm2d(8)
    network.inplanes = 8
    for index, (width, stride) in enumerate([(8, 1), (12, 2), (16, 2), (20, 2)]):
        setattr(network, f"layer{index + 1}", network._make_layer(BasicBlock, width, 1, stride))
    network.fc = nn.Linear(20, 5)
    return network


def narrow_vgg():
    features = models.vgg.make_layers([6, "M", 8, "M", 12, 12, "M"], batch_norm=True)
    network = models.VGG(features, num_classes=5)
    network.avgpool = nn.AvgPool2d(2)
    network.classifier = nn.Sequential(
        nn.Linear(12 * 2 * 2, 16), nn.ReLU(True), nn.Dropout(), nn.Linear(16, 5), nn.Softmax(1))
    return network


def narrow_mobilenet():
    network = models.MobileNetV2(
        num_classes=5, width_mult=1.0, inverted_residual_setting=[[1, 8, 1, 1], [6, 8, 2, 2], [6, 16, 2, 2]])
    network.features[-1] = models.mobilenetv2.Conv2dNormActivation(
        16, 24, kernel_size=1, activation_layer=nn.ReLU6)
    network.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(24, 5))
    return network


def narrow_densenet():
    return models.DenseNet(growth_rate=4, block_config=(2, 2, 2), num_init_features=8, bn_size=2, num_classes=5)


def randomise_normalisation(network):
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
            nn.init.normal_(module.running_mean, 0, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)


def main():
    builders = {
        "mobilenetv2": narrow_mobilenet, "resnet": narrow_resnet, "densenet": narrow_densenet,
        "vgg": narrow_vgg, "unet": Unet}
    for seed, (name, build) in enumerate(builders.items()):
        torch.manual_seed(seed)
        network = build().eval()
        randomise_normalisation(network)
        image = torch.rand(1, 3, 32, 40 if name == "unet" else 32)
        # Not optimised: batch normalisation and the arithmetic on shapes stay in the graph.
        torch.onnx.export(
            network, image, f"{name}.onnx", opset_version=11 if name != "vgg" else 13,
            training=torch.onnx.TrainingMode.PRESERVE if name != "vgg" else torch.onnx.TrainingMode.EVAL,
            do_constant_folding=name == "vgg")
        with torch.no_grad():
            numpy.savez(f"{name}.npz", input=image.numpy(), output=network(image).numpy())


if __name__ == "__main__":
    main()
