from agents.host.process import main

main()
