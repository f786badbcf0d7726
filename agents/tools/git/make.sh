# Writes a patch of the working tree against a base, and tries it on that base. Arguments: folder, base or nothing, file.
# The repository's own index is left alone: everything happens in a copy of it.
refuse() { printf '%s\n' "$1"; exit 3; }
command -v git >/dev/null || refuse "Git isn't installed on this host. The person who runs it can install git."
cd "/workspace/$1" 2>/dev/null || refuse "There's no folder '$1'. Use the repository's folder in the workspace."
top=$(git rev-parse --show-toplevel 2>/dev/null) ||
    refuse "'$1' isn't a git repository. Clone one or run 'git init' with run_shell, or use another folder."
cd "$top" || exit 1
git rev-parse -q --verify HEAD >/dev/null || refuse "The repository has no commit yet, so there's no base. Commit the original first."
if [ -n "$2" ]; then
    base=$(git rev-parse -q --verify "$2^{commit}") ||
        refuse "There's no commit or branch '$2'. Available: $(git for-each-ref --format='%(refname:short)' | head -20 | paste -sd, | sed 's/,/, /g')."
else
    for upstream in '@{upstream}' origin/HEAD origin/main origin/master HEAD; do
        git rev-parse -q --verify "$upstream" >/dev/null 2>&1 && break
    done
    base=$(git merge-base HEAD "$upstream" || git rev-parse HEAD)
fi
out=/workspace/$3
cp "$(git rev-parse --git-path index)" /tmp/index 2>/dev/null
export GIT_INDEX_FILE=/tmp/index
git add -A -- . ":(exclude,glob)**/*.patch" || refuse "The changes can't be read. Run 'git status' to see why."
show() { git diff --cached --no-ext-diff --no-textconv --no-color "$@" "$base" -- . ":(exclude,glob)**/*.patch"; }
show --quiet && refuse "Nothing differs from the base $(git rev-parse --short "$base"). Use another base, such as the commit before yours."
mkdir -p "$(dirname "$out")"
half=$(dirname "$out")/$(cat /code/half)
{
    git log --no-color --format='%s' "$base..HEAD" | sed 's/^/# /'
    printf 'base-commit: %s\nrepository: %s\n---\n' "$base" "$(realpath --relative-to=/workspace "$top")"
    show --stat
    echo
    show --binary --full-index
} >"$half"
GIT_INDEX_FILE=/tmp/tried git read-tree "$base"
problem=$(GIT_INDEX_FILE=/tmp/tried git apply --check --cached "$half" 2>&1) || {
    rm -f "$half"
    refuse "The patch doesn't apply to its own base: ${problem%%$'\n'*}. Commit the line-ending settings first."
}
mv "$half" "$out"
show --shortstat
show --numstat | awk -F '\t' '{ print "+" $1 " -" $2 "  " $3 }'
echo "It applies to $(git log -1 --no-color --format='%h "%s"' "$base"); apply it with 'git apply'."
