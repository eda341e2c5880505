"""Names of attachments lost the brackets within brackets, or all from a bracket on.

They were taken for comments (RFC 822), also where programs leave brackets bare that RFC 2231 and
RFC 2045 would have marked.
"""

from __future__ import annotations

import time

import pytest

from riskscan.mail.headers import content_params
from riskscan.mail.parse import parse_message


def name(parameters: str) -> str:
    head = f"Content-Type: application/x-crate\nContent-Disposition: attachment;\n {parameters}\n"
    (file,) = parse_message(f"Subject: x\n{head}\nx\n".encode()).attachments
    return file.name


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("filename*=UTF-8''Plan%20(v2%20(final)).bin", "Plan (v2 (final)).bin"),
        ("filename=a(b(c)).bin", "a(b(c)).bin"),
        ("filename=a (1 (2)).bin", "a (1 (2)).bin"),
        ("filename=(1).bin", "(1).bin"),
        ("filename=a(b;c).bin; size=3", "a(b;c).bin"),
        ("filename=a (b; c).bin", "a (b; c).bin"),
        ("filename*0*=UTF-8''Long%20(lo;\n filename*1*=ng(x)).bin", "Long (long(x)).bin"),
        ("filename*0=Long(lo;\n filename*1=ng;\n filename*2=).bin", "Long(long).bin"),
        ("filename=Budget.2024 (1)", "Budget.2024 (1)"),
    ],
)
def test_the_name_is_whole(parameters: str, expected: str) -> None:
    assert name(parameters) == expected


@pytest.mark.parametrize(
    "parameters",
    [
        "filename=a.bin (x (y; z))",
        "filename= (x (y)) a.bin",
        'filename= (x (y)) "a.bin"',
        'filename="a.bin" (x (y; filename=b))',
        "(x (y)) filename=a.bin",
    ],
)
def test_comments_are_left_out_still(parameters: str) -> None:
    assert name(parameters) == "a.bin"


def test_a_boundary_with_brackets_parts() -> None:
    head = "Subject: x\nContent-Type: multipart/mixed; boundary=a(b(c))d\n\n"
    part = "--a(b(c))d\nContent-Type: text/plain\n\nShred them.\n"
    assert parse_message(f"{head}{part}--a(b(c))d--\n".encode()).body.strip() == "Shred them."


@pytest.mark.parametrize("piece", ["=x(;", "(", "x=(;y", "a=b(;c=d", "(;(", "=((((;;)", ";  "])
def test_brackets_without_end_cost_linear_time(piece: str) -> None:
    began = time.process_time()
    content_params(f"a;{piece * 5000}")
    assert time.process_time() - began < 2
