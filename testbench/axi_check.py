"""The accelerator driven and fed by cocotbext-axi, models of AXI that are not ours.

The folder MBM_AXI_CHECK holds memory.bin, the memory before a job; registers.txt, an address and a value a line, what
software writes to start it; expected.bin, the memory after it. MBM_AXI_CHECK_PAUSE=1 stalls every channel at random.
"""

import os
import pathlib
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge, with_timeout
from cocotbext.axi import AxiBus, AxiLiteBus, AxiLiteMaster, AxiRam


def pauses(seed):
    generator = random.Random(seed)
    while True:
        yield generator.random() < 0.4


@cocotb.test()
async def job(dut):
    folder = pathlib.Path(os.environ["MBM_AXI_CHECK"])
    before = (folder / "memory.bin").read_bytes()
    expected = (folder / "expected.bin").read_bytes()

    cocotb.start_soon(Clock(dut.clk, 2, units="step").start())
    memory = AxiRam(AxiBus.from_prefix(dut, "m_axi"), dut.clk, dut.rst_n, reset_active_level=False,
                    size=len(before))
    registers = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axil"), dut.clk, dut.rst_n,
                              reset_active_level=False)
    if os.environ.get("MBM_AXI_CHECK_PAUSE") == "1":
        write, read = memory.write_if, memory.read_if
        for seed, channel in enumerate([write.aw_channel, write.w_channel, write.b_channel,
                                        read.ar_channel, read.r_channel]):
            channel.set_pause_generator(pauses(seed))
    memory.write(0, before)

    dut.rst_n.value = 0
    await ClockCycles(dut.clk, 5)
    dut.rst_n.value = 1
    await ClockCycles(dut.clk, 2)
    for line in (folder / "registers.txt").read_text().splitlines():
        address, value = (int(word) for word in line.split())
        await registers.write_dword(address, value)
    if not dut.interrupt.value:
        await with_timeout(RisingEdge(dut.interrupt), 400_000, "step")

    after = memory.read(0, len(before))
    wrong = [i for i in range(len(expected)) if after[i] != expected[i]]
    changed = sum(before[i] != expected[i] for i in range(len(expected)))
    assert changed > 0, "the job changes nothing"
    assert not wrong, f"{len(wrong)} of {changed} bytes differ, the first at {wrong[0]}"
    dut._log.info(f"{changed} bytes as expected")
