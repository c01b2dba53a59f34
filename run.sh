#!/usr/bin/env bash
# Everything that is done with this project from a shell, in readable form. Bash 3.2 (macOS) is enough.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

TORCH=2.13.0
WITNESSES=tests/witnesses
export PIP_DISABLE_PIP_VERSION_CHECK=1

help() {
    cat <<'TEXT'
./run.sh COMMAND [ARGUMENTS]

  install   make .venv with the locked, hashed dependencies and the front end; quick when nothing changed
  demo      install, then serve a demo with simulated telephones on http://127.0.0.1:8000
  dev       the same, and load changed code again by itself
  check     style, types, import contracts, and whether the migrations match the models
  test      install what the tests need and run them all; arguments go to pytest
  prove     the long forms of the tests, for hours; goes on where it was broken off. Arguments name folders of tests/
  bench     measure; one JSON line a case; arguments choose cases
  migrate   bring the database of this installation up to date (contactcenter migrate)
  lock      write requirements.lock anew from pyproject.toml, and the npm locks from their package.json
TEXT
}

say() { printf '== %s\n' "$*" >&2; }
fail() { printf 'run.sh: %s\n' "$*" >&2; exit 1; }

# --- install ---------------------------------------------------------------------------------------------------------

install() {
    if is_installed; then return; fi
    one_at_a_time
    if is_installed; then return; fi
    make_venv
    rm -f .venv/installed-from # .venv is unfinished until it is there again
    install_tools
    install_torch
    install_locked
    install_ourselves
    installed_from >.venv/installed-from
    rm -f .installing
    say "installed; next: ./run.sh demo, or ./run.sh test"
}

is_installed() { [ "$(installed_from)" = "$(cat .venv/installed-from 2>/dev/null)" ]; }

# What decides how .venv must look. A change of any of it installs again.
installed_from() {
    pwd
    cksum run.sh requirements.lock pyproject.toml hatch_build.py frontend/package-lock.json
    ls contactcenter/core/static/vendor 2>/dev/null || true
}

one_at_a_time() {
    local other said=
    until (set -o noclobber && echo $$ >.installing) 2>/dev/null; do
        other=$(cat .installing 2>/dev/null || true)
        if [ -n "$other" ] && ! kill -0 "$other" 2>/dev/null; then rm -f .installing; fi
        [ -n "$said" ] || say "waiting for another installation (process $other; if there is none, delete the file .installing)"
        said=yes
        sleep 2
    done
    trap 'rm -f .installing' EXIT
}

# Begins afresh when the last installation was interrupted or the folder has moved: what was downloaded is still in
# the caches, and no half-copied package stays behind.
make_venv() {
    if [ "$(head -n 1 .venv/installed-from 2>/dev/null)" = "$PWD" ] && .venv/bin/python -c 'import pip' 2>/dev/null; then return; fi
    say "making .venv"
    local python
    python=$(find_python)
    "$python" -c 'import ensurepip' 2>/dev/null || install_venv_module "$python"
    "$python" -m venv --clear .venv
}

find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    fail "no Python 3.11 or newer found. Install one (Debian, Ubuntu: apt install python3; macOS: brew install python@3.13)."
}

install_venv_module() { # Debian and Ubuntu keep it in a package of its own
    local package
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    system_packages "$package" || fail "Python's venv module is missing. As root: apt install $package. Then run this again."
}

# The blocks of those packages of one lock that the other has not.
only_in() { awk 'NR == FNR { if (/^[a-z0-9]/) there[$1]; next } /^[a-z0-9]/ { on = !($1 in there) } on' "$2" "$1"; }

# The block of one package in the lock, hashes included.
locked() { awk -v want="$1==" 'index($0, want) == 1 { on = 1 } /^[a-z0-9]/ && index($0, want) != 1 { on = 0 } on' requirements.lock; }

install_tools() { # uv installs the rest quickly; setuptools builds openai-whisper, which comes as source only
    say "installing uv"
    mkdir -p .venv/tmp
    { locked uv; locked setuptools; } >.venv/tmp/tools.lock
    .venv/bin/python -m pip install --quiet --require-hashes --no-deps -r .venv/tmp/tools.lock
}

uv_pip() { VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip "$@"; }

# On Linux the plain torch brings 3 GB of GPU libraries, so the small ways come first:
# a CPU build that pip is offered (a company mirror, macOS), then PyTorch's own CPU index. It is the only package whose
# hash is not pinned, because the right build differs by machine.
install_torch() {
    if [ "$(torch_version)" = "$TORCH" ]; then return; fi
    local offered
    offered=$(.venv/bin/python -m pip install --dry-run --quiet --no-deps --report - "torch==$TORCH" 2>/dev/null | sed -n 's/.*"url": "\(.*\)".*/\1/p' | head -n 1) || true
    case "$(uname -s) $offered" in
        Darwin* | *+cpu* | *%2Bcpu*)
            say "installing torch $TORCH: the CPU build that pip offers here"
            .venv/bin/python -m pip install --quiet --no-deps "torch==$TORCH"
            ;;
        *)
            say "installing torch $TORCH: the CPU build from PyTorch's own index (200 MB)"
            uv_pip install --quiet --no-deps --torch-backend cpu "torch==$TORCH" || install_large_torch
            ;;
    esac
}

install_large_torch() {
    say "that index was not reached; installing the plain torch $TORCH instead, which on Linux brings 3 GB of GPU libraries"
    uv_pip install "torch==$TORCH"
}

torch_version() { # without the build's name, such as +cpu
    .venv/bin/python -c 'import importlib.metadata as m; print(m.version("torch").partition("+")[0])' 2>/dev/null || true
}

install_locked() {
    say "installing the locked dependencies"
    uv_pip install --require-hashes --no-deps --no-build-isolation-package openai-whisper -r requirements.lock
    check_complete
}

# triton and the GPU libraries are left out on purpose: only CUDA needs them. Anything else missing is an error.
check_complete() {
    local problems
    problems=$(.venv/bin/python -m pip check | grep -vE 'requires (triton|nvidia-|cuda-)|^contactcenter |No broken requirements' || true)
    [ -z "$problems" ] || fail "the installed packages do not fit together (mend with ./run.sh lock):
$problems"
}

install_ourselves() {
    say "building the front end and installing contactcenter itself"
    uv_pip install --quiet --no-build-isolation --no-deps --reinstall-package contactcenter -e .
}

# apt where that is possible without asking anybody; the caller says what to do otherwise.
system_packages() {
    command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || return 1
    say "installing from the system's packages: $*"
    apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# --- run -------------------------------------------------------------------------------------------------------------

demo() {
    install
    exec .venv/bin/contactcenter demo "$@"
}

dev() {
    install
    exec .venv/bin/contactcenter demo --reload "$@"
}

migrate() {
    install
    .venv/bin/contactcenter migrate "$@"
}

# --- check, test, prove, bench ---------------------------------------------------------------------------------------

check() {
    install
    say "style"
    .venv/bin/ruff check
    .venv/bin/ruff format --check
    say "types"
    .venv/bin/mypy
    say "import contracts"
    .venv/bin/lint-imports
    say "migrations"
    check_migrations
}

check_migrations() { # in a database of its own, so that nobody's data is touched
    local folder outcome=0
    folder=$(mktemp -d)
    CONTACTCENTER_DATABASE_URL="sqlite:///$folder/check.db" .venv/bin/contactcenter migrate --check || outcome=$?
    rm -rf "$folder"
    return $outcome
}

test_() {
    install
    install_browser
    install_postgresql
    install_nginx
    install_witnesses
    say "speech recognition model"
    .venv/bin/contactcenter models pull
    .venv/bin/python -m pytest "$@"
}

prove() { # one at a time: they measure
    local about
    for about in "$@"; do
        shift
        if [ -d "tests/$about" ]; then about=tests/$about; fi
        set -- "$@" "$about"
    done
    install
    install_spoken
    test_ -m prove -n 0 --timeout 7200 "$@"
}

# What speaks the made calls of one proof, which needs no other.
install_spoken() {
    if ! cmp -s tools/spoken.lock .venv/spoken.lock; then
        say "installing the synthetic voices"
        uv_pip install --quiet --require-hashes --no-deps -r tools/spoken.lock
        .venv/bin/python -m tools.voices .venv/voices
        cp tools/spoken.lock .venv/spoken.lock
    fi
}

# The engines that transcription is compared with. Nothing else needs them, so only this case brings them.
install_compared() {
    if cmp -s tools/compared.lock .venv/compared.lock; then return; fi
    say "installing the engines to compare with"
    uv_pip install --quiet --require-hashes --no-deps -r tools/compared.lock
    cp tools/compared.lock .venv/compared.lock
}

bench() {
    install
    case " $* " in
        *" transcribe "* | "  ") install_compared ;;
    esac
    .venv/bin/python -m tools.bench "$@"
}

install_browser() {
    if .venv/bin/python -m tools.browser >/dev/null; then return; fi
    if grep -qs '^ID=debian' /etc/os-release && system_packages chromium; then return; fi # Ubuntu's is a snap
    say "downloading playwright's own Chromium"
    if [ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ]; then
        .venv/bin/playwright install --with-deps chromium
    else
        .venv/bin/playwright install chromium
    fi
}

install_postgresql() {
    if .venv/bin/python -m tools.postgresql >/dev/null; then return; fi
    system_packages postgresql || fail "the tests need PostgreSQL's programs (initdb, postgres). Install postgresql (Debian, Ubuntu: apt install postgresql; macOS: brew install postgresql@17); it need not run. Then run this again."
}

install_nginx() {
    if .venv/bin/python -m tools.nginx >/dev/null; then return; fi
    system_packages nginx-light || fail "the tests need nginx. Install it (Debian, Ubuntu: apt install nginx-light; macOS: brew install nginx); it need not run. Then run this again."
}

install_witnesses() {
    local made_from
    made_from=$(cksum <"$WITNESSES/package-lock.json")
    if [ "$made_from" = "$(cat "$WITNESSES/node_modules/made-from" 2>/dev/null)" ]; then return; fi
    say "installing the tests' independent witnesses from npm"
    .venv/bin/python -m tools.node "$WITNESSES" npm ci --ignore-scripts
    echo "$made_from" >"$WITNESSES/node_modules/made-from"
}

# --- lock ------------------------------------------------------------------------------------------------------------

# torch and what it needs for CUDA stay out of the lock: which build is right depends on the machine.
lock() {
    install
    local leave_out folder
    mkdir -p .venv/tmp
    compile -o .venv/tmp/all.lock
    leave_out=$(sed -nE 's/^((torch|triton|nvidia|cuda)[a-z0-9-]*)==.*/--no-emit-package \1/p' .venv/tmp/all.lock)
    # shellcheck disable=SC2086  # several words on purpose
    compile $leave_out -o requirements.lock
    # shellcheck disable=SC2086  # as above
    compile --extra compared $leave_out -o .venv/tmp/compared.lock
    only_in .venv/tmp/compared.lock requirements.lock >tools/compared.lock
    # shellcheck disable=SC2086  # as above
    compile --extra spoken $leave_out -o .venv/tmp/spoken.lock
    only_in .venv/tmp/spoken.lock requirements.lock >tools/spoken.lock
    for folder in frontend "$WITNESSES"; do
        .venv/bin/python -m tools.node "$folder" npm install --ignore-scripts --package-lock-only
    done
    say "written: requirements.lock and the npm locks; ./run.sh install takes them over"
}

compile() {
    echo "torch==$TORCH" >.venv/tmp/torch.txt
    uv_pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        --extra dev --constraint .venv/tmp/torch.txt --upgrade "$@" pyproject.toml
}

case "${1:-help}" in
    install | demo | dev | check | prove | bench | migrate | lock | help) command=${1:-help} ;;
    -h | --help) command=help ;;
    test) command=test_ ;; # "test" is the shell's own
    *) help >&2; fail "there is no command \"$1\"" ;;
esac
[ $# -eq 0 ] || shift
"$command" "$@"
