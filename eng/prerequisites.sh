# shellcheck shell=bash disable=SC2034,SC2154
# What a build needs beside the checkout: the .NET SDK, and a C compiler to link with. Sourced by ./build.

# Sets $dotnet, or says how to get it and fails.
require_dotnet() {
    local candidate
    for candidate in "$(command -v dotnet)" "${DOTNET_ROOT:-}/dotnet" ~/.dotnet/dotnet \
        /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
        if [[ -x $candidate ]] && "$candidate" --list-sdks 2>/dev/null | grep -q '^10\.'; then
            dotnet=$candidate
            return
        fi
    done
    say 'Building Darter needs the .NET 10 SDK, which was not found. To install it:'
    if apt-cache show dotnet-sdk-10.0 >/dev/null 2>&1; then
        say '    sudo apt-get install -y dotnet-sdk-10.0'
    else
        say '    curl -fsSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0'
        say 'which puts it into ~/.dotnet; other ways: https://dotnet.microsoft.com/download/dotnet/10.0'
    fi
    return 1
}

# Sets $linker to a compiler that links as the NativeAOT compiler asks it to; installs one if there is none.
# zlib and brotli need no packages: their static libraries come with the compiler's NuGet packages.
require_linker() {
    find_linker && return
    local sudo=() install=()
    [[ $EUID == 0 ]] || sudo=(sudo)
    if command -v apt-get >/dev/null; then
        install=(apt-get install -y --no-install-recommends gcc libc6-dev)
        if [[ $EUID == 0 ]] || sudo -n true 2>/dev/null; then
            say "Installing a linker: ${install[*]}"
            run_logged "${sudo[@]}" apt-get update || true
            DEBIAN_FRONTEND=noninteractive run_logged "${sudo[@]}" "${install[@]}" && find_linker && return
            say "That failed; $log says why."
        fi
    elif command -v dnf >/dev/null; then
        install=(dnf install -y gcc)
    elif command -v zypper >/dev/null; then
        install=(zypper install -y gcc)
    elif command -v pacman >/dev/null; then
        install=(pacman -S --needed gcc)
    elif command -v apk >/dev/null; then
        install=(apk add gcc musl-dev)
    fi
    say 'Building Darter needs a C compiler as its linker, clang or gcc, and the development files of the C library.'
    [[ ${#install[@]} == 0 ]] || say "To install them: ${sudo[*]:+sudo }${install[*]}"
    return 1
}

find_linker() {
    local candidate
    for candidate in clang gcc; do
        if command -v "$candidate" >/dev/null && command -v objcopy >/dev/null &&
            "$candidate" -x c -fuse-ld=bfd -pie -gz=zlib -o /dev/null - -pthread -ldl -lrt -lm \
                <<<'int main(void) { return 0; }' >>"$log" 2>&1; then
            linker=$candidate
            return
        fi
    done
    return 1
}

# The runtime identifier of this machine, as NuGet spells it.
runtime_identifier() {
    local libc=linux architecture
    [[ -e /lib/ld-musl-$(uname -m).so.1 && ! -e /lib64/ld-linux-x86-64.so.2 ]] && libc=linux-musl
    case $(uname -m) in
        x86_64) architecture=x64 ;;
        aarch64) architecture=arm64 ;;
        *)
            say "Darter is not built for $(uname -m): only x86_64 and aarch64."
            return 1
            ;;
    esac
    echo "$libc-$architecture"
}
