from agents.host.child_main import main

main()
