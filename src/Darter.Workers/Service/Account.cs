using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Darter.Workers.Native;

namespace Darter.Workers.Service;

/// <summary>A user and a group that files belong to or processes run as.</summary>
/// <param name="User">The user's number.</param>
/// <param name="UserName">The user's name, or null when the number has none.</param>
/// <param name="PrimaryGroup">The user's own group, or null when the user is not in the database.</param>
public sealed record Account(uint User, string? UserName, uint? PrimaryGroup)
{
    /// <summary>The user's home, or null when it is not known.</summary>
    public string? Home { get; init; }

    /// <summary>The supplementary groups of the user together with <paramref name="group"/>.</summary>
    public IReadOnlyList<uint> GroupsWith(uint group) => UserName is null ? [group] : AccountDatabase.GroupsOf(UserName, group);

    /// <summary>Finds a user by name or number. When false, <paramref name="error"/> says what is wrong.</summary>
    public static bool TryFindUser(string text, [NotNullWhen(true)] out Account? account, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (AccountDatabase.FindUser(text) is { } named)
        {
            account = new Account(named.User, named.Name, named.Group) { Home = named.Home };
            return true;
        }

        if (TryNumber(text, out uint number))
        {
            account = AccountDatabase.FindUser(number) is { } found ? new Account(number, found.Name, found.Group) { Home = found.Home } : new Account(number, null, null);
            return true;
        }

        account = null;
        error = $"there is no user '{text}'";
        return false;
    }

    /// <summary>Finds a group by name or number. When false, <paramref name="error"/> says what is wrong.</summary>
    public static bool TryFindGroup(string text, out uint group, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (AccountDatabase.FindGroup(text) is { } named)
        {
            group = named;
            return true;
        }

        if (TryNumber(text, out group))
        {
            return true;
        }

        error = $"there is no group '{text}'";
        return false;
    }

    // The highest number means "unchanged" to the kernel.
    private static bool TryNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number != uint.MaxValue;
}
