"""Every command tells what it does, however it is asked, and promises nothing that the command line does not have."""

from __future__ import annotations

import pytest

from service.cli.main import COMMANDS, main


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, flag])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert f"Usage: callscore {command}" in said
    assert "completion" not in said, (
        "completion works for whole commands only, and the sub-commands are loaded one by one"
    )
