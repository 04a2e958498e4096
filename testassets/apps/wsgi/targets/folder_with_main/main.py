from answer import answer

application = answer("folder_with_main")
