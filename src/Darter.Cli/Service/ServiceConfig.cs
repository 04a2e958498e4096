using Darter.Workers;
using Darter.Workers.Service;

namespace Darter.Cli.Service;

/// <summary>How the front runs as a service of the machine: immutable, verified.</summary>
internal sealed record ServiceConfig
{
    /// <summary>Whom the front and its workers run as once the addresses are open; null: whoever started the front.</summary>
    internal Account? User { get; init; }

    /// <summary>Their group; null: the user's own, or that of whoever started the front.</summary>
    internal uint? Group { get; init; }

    /// <summary>Whether they have the user's supplementary groups. Default: none, lest they have root's.</summary>
    internal bool InitGroups { get; init; }

    /// <summary>Who the workers run as; null: as whoever started the front.</summary>
    internal WorkerUser? WorkersRunAs => User is null && Group is null ? null : new WorkerUser(User?.User ?? Privileges.User, Group ?? Privileges.Group)
    {
        Name = User?.UserName,
        Home = User?.Home,
        Groups = InitGroups && User is { } user ? user.GroupsWith(Group ?? Privileges.Group) : [Group ?? Privileges.Group],
    };

    /// <summary>Where the front's process id is written; null: nowhere.</summary>
    internal string? PidFile { get; init; }

    /// <summary>Whether to go into the background.</summary>
    internal bool Daemon { get; init; }

    /// <summary>The name in the list of processes; null: the command line as it is.</summary>
    internal string? ProcessName { get; init; }

    /// <summary>The options that differ, none of which a reload applies to the front.</summary>
    internal static IEnumerable<string> Changed(ServiceConfig present, ServiceConfig wanted)
    {
        (string Option, bool IsSame)[] settings =
        [
            ("--user", present.User == wanted.User),
            ("--group", present.Group == wanted.Group),
            ("--initgroups", present.InitGroups == wanted.InitGroups),
            ("--pid", present.PidFile == wanted.PidFile),
            ("--daemon", present.Daemon == wanted.Daemon),
            ("--proc-name", present.ProcessName == wanted.ProcessName),
        ];
        return settings.Where(setting => !setting.IsSame).Select(setting => setting.Option);
    }
}
