using Darter.Server.Compression;
using Darter.Server.Configuration;
using Darter.Transport.Files;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Files;

/// <summary>Serves a folder: answers every request below its path of the URL.</summary>
internal sealed partial class FolderSite : IFrontHandler, IDisposable
{
    /// <param name="config">What to serve, and how.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The operator's log.</param>
    /// <exception cref="IOException">The folder cannot be opened; the message names it.</exception>
    internal FolderSite(FolderConfig config, TimeProvider time, ILogger logger)
    {
        Config = config;
        Time = time;
        Logger = logger;
        try
        {
            Folder = ServedFolder.Open(config.Folder, config.FollowLinks);
        }
        catch (IOException exception)
        {
            throw new IOException($"The folder '{config.Folder}' cannot be served: {exception.Message}", exception);
        }

        CompressibleTypes = new CompressibleTypes(config.CompressionRules.Types);
        Compressors = new SemaphoreSlim(Math.Max(1, Environment.ProcessorCount / 2));
        IndexNames = [.. config.IndexNames.Select(System.Text.Encoding.UTF8.GetBytes)];
    }

    /// <summary>The settings.</summary>
    internal FolderConfig Config { get; }

    /// <summary>The folder.</summary>
    internal ServedFolder Folder { get; }

    /// <summary>Whether requests for which there is no file are left to somebody else.</summary>
    internal bool FallsThrough { get; init; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; }

    /// <summary>The operator's log.</summary>
    internal ILogger Logger { get; }

    /// <summary>The types of the files that are compressed.</summary>
    internal CompressibleTypes CompressibleTypes { get; }

    /// <summary>How many responses may be compressed at a time: that costs more than everything else.</summary>
    internal SemaphoreSlim Compressors { get; }

    /// <summary>The names of index files.</summary>
    internal IReadOnlyList<byte[]> IndexNames { get; }

    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        return RequestPath.Parse(request.RawTarget, Config.Prefix) is { } path ? new FileExchange(this, features, request, path).RunAsync() : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Folder.Dispose();
        Compressors.Dispose();
    }
}
