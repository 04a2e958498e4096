namespace Darter.Testing.Processes;

/// <summary>Signals with their numbers on Linux.</summary>
public enum Signal
{
    /// <summary>SIGHUP.</summary>
    Hangup = 1,

    /// <summary>SIGINT, what Ctrl-C sends.</summary>
    Interrupt = 2,

    /// <summary>SIGQUIT.</summary>
    Quit = 3,

    /// <summary>SIGKILL.</summary>
    Kill = 9,

    /// <summary>SIGUSR1.</summary>
    User1 = 10,

    /// <summary>SIGUSR2.</summary>
    User2 = 12,

    /// <summary>SIGTERM.</summary>
    Terminate = 15,

    /// <summary>SIGCONT.</summary>
    Continue = 18,

    /// <summary>SIGSTOP.</summary>
    Stop = 19,

    /// <summary>SIGTTIN.</summary>
    TerminalInput = 21,

    /// <summary>SIGTTOU.</summary>
    TerminalOutput = 22,

    /// <summary>SIGWINCH, what a terminal sends when its window changes its size.</summary>
    WindowChange = 28,
}
