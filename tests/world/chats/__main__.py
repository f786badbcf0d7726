"""Lists the habits by kind, with what a platform can't say: `python -m tests.world.chats`."""

from tests.world.chats.habits import PLATFORMS, collected


def main() -> None:
    habits = collected()
    for kind in sorted({one.kind for one in habits}):
        print(f"\n{kind}")
        for one in (it for it in habits if it.kind == kind):
            print(f"  {one.name}")
            for platform in (p for p in PLATFORMS if p in one.unsaid):
                print(f"    not on {platform}: {one.unsaid[platform]}")
    print(f"\n{len(habits)} habits")


if __name__ == "__main__":
    main()
