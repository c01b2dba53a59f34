#!/usr/bin/env bash
# Builds the wheel and serves from it in an empty folder, to prove that templates, migrations, prompts and front end are
# in it. Its dependencies come from .venv: a plain "pip install" of the wheel would bring torch's GPU libraries.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

root=$PWD
folder=$(mktemp -d)
server=
clean_up() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server"; } || true
    rm -rf "$folder"
}
trap clean_up EXIT

VIRTUAL_ENV=$root/.venv "$root/.venv/bin/uv" build --quiet --wheel --no-build-isolation --out-dir "$folder/dist"
"$root/.venv/bin/python" -m pip install --quiet --no-deps --target "$folder/site" "$folder"/dist/*.whl
mkdir "$folder/empty"
cd "$folder/empty"

# PYTHONPATH goes before the editable installation, so that what is imported is the wheel's.
export PYTHONPATH=$folder/site CONTACTCENTER_DATABASE_URL=sqlite:///wheel.db CONTACTCENTER_VAULT_URL=vault
python="$root/.venv/bin/python"
"$python" -c "import contactcenter, sys; sys.exit(not contactcenter.__file__.startswith('$folder'))" ||
    { echo "the wheel is not what Python imports" >&2; exit 1; }
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export CONTACTCENTER_PORT=$port CONTACTCENTER_PUBLIC_URL=http://127.0.0.1:$port

"$python" -m contactcenter migrate
# Without a worker, which would begin to get the speech recognition model.
"$python" -m contactcenter serve --web >serve.log 2>&1 &
server=$!
answers() { "$python" -c "import sys, urllib.request; urllib.request.urlopen('http://127.0.0.1:$port$1', timeout=2)" 2>/dev/null; }
for _ in $(seq 120); do
    if answers /healthz; then break; fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.5
done
for path in /healthz /static/vendor/htmx.min.js; do
    answers "$path" || { echo "the wheel does not serve $path:" >&2; cat serve.log >&2; exit 1; }
done
echo "the wheel serves from an empty folder"
