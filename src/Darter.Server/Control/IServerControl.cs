namespace Darter.Server.Control;

/// <summary>What an operator may ask a running server to do. Any thread.</summary>
public interface IServerControl
{
    /// <summary>Describes the server.</summary>
    Task<ServerStatus> GetStatusAsync();

    /// <summary>Reads the configuration again and has new workers take the place of the present ones.</summary>
    Task<ReloadOutcome> ReloadAsync();

    /// <summary>Sets the number of workers.</summary>
    Task<ScaleOutcome> ScaleAsync(int workers);

    /// <summary>Removes answers from the cache.</summary>
    Task<PurgeOutcome> PurgeCacheAsync(PurgeOrder order);

    /// <summary>Begins to stop; at once, or in order.</summary>
    void Stop(bool quick);

    /// <summary>Has a new front take the place of this one; an error, for people, or null when the new one serves.</summary>
    Task<UpgradeOutcome> UpgradeAsync();
}
