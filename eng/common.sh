# shellcheck shell=bash disable=SC2034,SC2154
# What ./darter and ./build share: where things are, and whether the build is up to date. Sourced, never run.
# Expects $root, the folder of the checkout. Every start of ./darter pays for what is done here: a process started
# costs milliseconds.

output=$root/artifacts/darter

say() { printf '%s\n' "$*" >&2; }

# Sets $sources to a line per source file: name, size, time of modification. Comparing the list with the one of the
# last build also notices files that were removed, and files that were put back with an older time.
list_sources() {
    sources=$(find "$root/src" "$root/eng" "$root"/Directory.{Build,Packages}.props "$root/global.json" \
        -type d '(' -name bin -o -name obj ')' -prune -o -type f -printf '%p %s %T@\n')
}

# is_built FOLDER: true if FOLDER was built from the sources as they are now.
is_built() {
    [[ -x $1/darter && -f $1/libdarter.so && -f $1.sources ]] || return
    list_sources
    [[ $(<"$1.sources") == "$sources" ]]
}
