"""The development servers, as command lines, and the applications that they serve."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional

from compare_lib.interpreter import Interpreter

#: Each answers with a number that another module has.
APPLICATIONS: Dict[str, str] = {
    "flask": """\
from flask import Flask
import number
app = Flask(__name__)
@app.get("/")
def index():
    return str(number.NUMBER)
""",
    "fastapi": """\
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
import number
app = FastAPI()
@app.get("/", response_class=PlainTextResponse)
async def index():
    return str(number.NUMBER)
""",
}


@dataclass(frozen=True)
class Server:
    name: str
    title: str
    applications: str
    module: Optional[str] = None
    """The Python module it is, if it is one."""

    def command(self, interpreter: Interpreter, darter: Path, port: int, folder: Path) -> List[str]:
        if self.module is None:
            return [str(darter), "dev", "--chdir", str(folder), "-b", f"127.0.0.1:{port}", "--python", interpreter.path]
        if self.module == "flask":
            return [interpreter.path, "-m", "flask", "--app", str(folder / "app.py"), "--debug", "run", "--port", str(port)]
        line = [interpreter.path, "-m", "uvicorn", "app:app", "--port", str(port)]
        return [*line, "--reload", "--app-dir", str(folder), "--reload-dir", str(folder)]


SERVERS: Dict[str, Server] = {
    server.name: server
    for server in (
        Server("darter", "darter dev", "flask fastapi"),
        Server("flask", "flask run --debug", "flask", "flask"),
        Server("uvicorn", "uvicorn --reload", "fastapi", "uvicorn"),
    )
}
