"""A replay comes to the totals of its files, through cuts and kills, or says why it cannot."""

import json
from pathlib import Path

import pytest

from tests.rehearsal_tests.commands import rehearse
from tests.rehearsal_tests.test_till_records import GOOD_PAYMENT, T, write


def evening(folder: Path) -> tuple[Path, Path]:
    """Write an evening of two tills with voids of each sort and a cup that comes back."""
    lines, payments = [], []
    for number in range(1, 61):
        till = "main" if number % 3 else "shop"
        lines.append(f"{number},{number},{T},{till},1,Beer,Pint,2,4.80,,sale")
        lines.append(f"{number},{number + 100},{T},{till},1,Cup re-use,Cup re-use,-1,0.20,,sale")
        payments.append(f"{number},{number},{T},{'cash' if number % 2 else 'card'},9.40")
    lines[0] = f"1,1,{T},main,1,Beer,Pint,2,4.80,901,sale"
    lines.append(f"90,901,{T},shop,1,Beer,Pint,-2,4.80,,void")
    lines.append(f"90,902,{T},shop,1,Tea,Tea,1,2.00,999,sale")
    payments.append(f"90,90,{T},card,-7.60")
    lines.append(f"91,911,{T},main,1,Tea,Tea,1,2.00,912,sale")
    lines.append(f"91,912,{T},main,1,Tea,Tea,-1,2.00,,void")
    return write(folder, lines, payments)


def test_a_replay_with_cuts_and_kills_records_everything_exactly_once(tmp_path: Path) -> None:
    lines, payments = evening(tmp_path)
    words = ("--offline", "0.5", "--crash", "4", "--json")
    done = rehearse("replay", str(lines), str(payments), *words)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["transactions"] == 62
    assert report["lines"] == 124
    assert report["payments"] == 61
    assert report["lines_total_minor"] == 60 * 940 - 760
    assert report["payments_total_minor"] == 60 * 940 - 760
    assert report["postings_sum"] == 0
    assert report["dangling_voids"] == 1
    assert report["crashes"] == 4
    assert report["cup_returns"] == 60
    second = report["wristband_pass"]
    assert second["postings_sum"] == 0
    assert second["overspend_minor"] <= second["overspend_bound_minor"]
    assert second["sales"] + sum(second["declined"].values()) == 62


def test_records_that_cannot_be_understood_stop_the_run_before_anything_is_recorded(
    tmp_path: Path,
) -> None:
    bad = [f"1,1,{T},bar,1,Beer,Pint,many,4.80,,sale"]
    lines, payments = write(tmp_path, bad, [GOOD_PAYMENT])
    done = rehearse("replay", str(lines), str(payments), "--json")
    assert done.returncode == 2
    assert f"{lines}:2: bad number: quantity 'many'" in done.stderr
    assert "Nothing was recorded" in done.stderr
    assert done.stdout == ""


@pytest.mark.long
def test_the_real_records_come_to_the_penny(shared_data: Path) -> None:
    folder = shared_data / "emf2024"
    files = (str(folder / "sale_lines.csv"), str(folder / "payments.csv"))
    done = rehearse("replay", *files, "--offline", "0.3", "--crash", "10", "--json", wait_s=600)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["lines_total_minor"] == report["payments_total_minor"] == 3_151_219
    assert (report["transactions"], report["lines"], report["payments"]) == (4238, 7399, 4461)
    assert (report["postings_sum"], report["dangling_voids"], report["crashes"]) == (0, 8, 10)
