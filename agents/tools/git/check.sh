# Tries a patch on the repository that it names, or on any in the workspace. Arguments: file. Exit code 3: it does not apply.
command -v git >/dev/null || { echo "not tried: Git isn't installed (package git)"; exit 0; }
patch=/workspace/$1
base=$(sed -n 's/^base-commit: \([0-9a-f]\{40,64\}\)$/\1/p;/^diff /q' "$patch" | head -1)
where=$(sed -n 's/^repository: //p;/^diff /q' "$patch" | head -1)
grep -qE '^(diff |--- )' "$patch" || { echo "it contains no changes"; exit 3; }
if [ -n "$where" ]; then
    set -- "$where"
else
    mapfile -t found < <(cd /workspace && find . -maxdepth 4 -name .git -printf '%h\n' | head -20)
    set -- "${found[@]}"
fi
last="there's no repository in the workspace to apply it to"
code=0
for folder in "$@"; do
    cd "/workspace/$folder" 2>/dev/null || continue
    if [ -n "$base" ] && GIT_INDEX_FILE=/tmp/tried git read-tree "$base" 2>/dev/null; then
        problem=$(GIT_INDEX_FILE=/tmp/tried git apply --check --cached "$patch" 2>&1) &&
            { echo "applies cleanly to ${base:0:10} of '$folder'"; exit 0; }
    else
        problem=$(git apply --check "$patch" 2>&1) && { echo "applies cleanly to '$folder'"; exit 0; }
        git apply --check -R "$patch" 2>/dev/null && { echo "is already applied in '$folder'"; exit 0; }
    fi
    last="doesn't apply to '$folder' (${problem%%$'\n'*}); run make_patch again"
    code=3
done
echo "$last"
exit $code
