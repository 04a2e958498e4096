using System.CommandLine;
using Darter.Workers;
using Darter.Workers.Service;

namespace Darter.Cli.Settings.LongForm;

/// <summary>Who applications run as, where that is not the same for all.</summary>
internal static class AppUsers
{
    /// <summary>Reports a user that the application cannot have: only root can become somebody else, and only as long as it is root.</summary>
    /// <param name="source">The application's table.</param>
    /// <param name="stack">The sources as they are for the application.</param>
    /// <param name="own">Who it is to run as.</param>
    /// <param name="all">Who those are to run as that say nothing of it.</param>
    internal static void Check(AppSource source, LayerStack stack, WorkerUser? own, WorkerUser? all)
    {
        if (own is null or { IsCurrent: true } || Privileges.IsRoot || (own.User, own.Group) == (all?.User, all?.Group))
        {
            return;
        }

        LayerEntry? entry = Find("--user") ?? Find("--group");
        stack.Findings.Error(
            $"{(entry?.Origin ?? source.Origin).Describe(entry?.Name ?? "user")}: an application runs as a user of its own only if root has started the server "
                + $"and some application had such a user from the start; this process is user {Privileges.User}");

        LayerEntry? Find(string flag) => stack.Table.OfFlag(flag) is Option option ? stack.Find(option) : null;
    }
}
