using Darter.Workers.Service;

namespace Darter.Workers;

/// <summary>Who the workers of an application run as.</summary>
/// <param name="User">The user's number.</param>
/// <param name="Group">The group's number.</param>
public sealed record WorkerUser(uint User, uint Group)
{
    /// <summary>The user's name; null: the number has none.</summary>
    public string? Name { get; init; }

    /// <summary>The user's home; null: it is not known.</summary>
    public string? Home { get; init; }

    /// <summary>All groups that count, <see cref="Group"/> among them. Default: none but that.</summary>
    public IReadOnlyList<uint> Groups { get; init; } = [Group];

    /// <summary>Whether this process runs as it anyway, and whoever it starts does, too.</summary>
    public bool IsCurrent => User == Privileges.User && Group == Privileges.Group;

    /// <summary>For messages.</summary>
    public override string ToString() => Name is null ? $"{User}" : Name;
}
