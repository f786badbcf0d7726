from agents.host.host_main import main

main()
