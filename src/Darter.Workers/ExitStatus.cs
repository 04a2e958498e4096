namespace Darter.Workers;

/// <summary>How a process ended, for people: the runtime reports 128 + N for signal N.</summary>
public readonly record struct ExitStatus(int Code)
{
    /// <summary>Whether it ended by itself and reported success.</summary>
    public bool IsSuccess => Code == 0;

    /// <summary>From what waitpid(2) reports; -1 when that is unknown.</summary>
    internal static ExitStatus FromWait(int status) =>
        status < 0 ? new(-1) : new((status & 0x7F) == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F));

    /// <summary>For a process of which it is not known how it ended, since its parent ended before it.</summary>
    internal static ExitStatus Unknown => new(-1);

    /// <inheritdoc/>
    public override string ToString() => Code switch
    {
        -1 => "it is not known how",
        128 + 4 => "killed by SIGILL",
        128 + 6 => "killed by SIGABRT",
        128 + 7 => "killed by SIGBUS",
        128 + 9 => "killed by SIGKILL; out of memory, if nobody sent it",
        128 + 11 => "killed by SIGSEGV: a crash in native code",
        128 + 15 => "killed by SIGTERM",
        > 128 and < 128 + 65 => $"killed by signal {Code - 128}",
        < 0 => "exit status unknown",
        _ => $"exit status {Code}",
    };
}
