namespace Darter.Testing.Processes;

/// <summary>Signals with their numbers on Linux.</summary>
public enum Signal
{
    /// <summary>SIGINT, what Ctrl-C sends.</summary>
    Interrupt = 2,

    /// <summary>SIGQUIT.</summary>
    Quit = 3,

    /// <summary>SIGKILL.</summary>
    Kill = 9,

    /// <summary>SIGUSR2.</summary>
    User2 = 12,

    /// <summary>SIGUSR1.</summary>
    User1 = 10,

    /// <summary>SIGTERM.</summary>
    Terminate = 15,

    /// <summary>SIGCONT.</summary>
    Continue = 18,

    /// <summary>SIGSTOP.</summary>
    Stop = 19,
}
