using System.Text;
using Darter.Server.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Files.Cgi;

/// <summary>Runs the programs in certain folders; everything else is the site's.</summary>
internal sealed class CgiHandler : IFrontHandler
{
    // Each is a process.
    private const int MostPrograms = 64;

    private readonly CgiConfig _config;
    private readonly FolderSite _site;
    private readonly byte[][] _folders;
    private int _running;

    /// <param name="config">The settings.</param>
    /// <param name="site">The site.</param>
    /// <param name="user">The user whom the server has asked for, or null.</param>
    internal CgiHandler(CgiConfig config, FolderSite site, string? user)
    {
        _config = config;
        _site = site;
        User = user;
        _folders = [.. config.Folders.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>The user whom the server has asked for, or null.</summary>
    internal string? User { get; }

    /// <summary>The site.</summary>
    internal FolderSite Site => _site;

    /// <summary>How long a program may run.</summary>
    internal TimeSpan Timeout => _config.Timeout;

    /// <inheritdoc/>
    public Task<long>? TryHandle(IFeatureCollection features)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        return RequestPath.Parse(request.RawTarget, _site.Config.Prefix) is { Safety: not PathSafety.Malformed } path && IsProgram(path)
            ? RunAsync(features, request, path)
            : _site.TryHandle(features);
    }

    private bool IsProgram(RequestPath path)
    {
        ReadOnlySpan<byte> first = path.Bytes;
        int slash = first.IndexOf((byte)'/');
        first = slash < 0 ? first : first[..slash];
        foreach (byte[] folder in _folders)
        {
            if (first.SequenceEqual(folder))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<long> RunAsync(IFeatureCollection features, IHttpRequestFeature request, RequestPath path)
    {
        if (!(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsPost(request.Method)))
        {
            features.GetRequiredFeature<IHttpResponseFeature>().Headers.Allow = "GET, HEAD, POST";
            return await PlainAnswer.WriteAsync(features, StatusCodes.Status405MethodNotAllowed).ConfigureAwait(false);
        }

        if (request.Headers.ContentLength is null && features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
        {
            // RFC 3875, section 4.1.2: the program reads as much as CONTENT_LENGTH says.
            return await PlainAnswer.WriteAsync(features, StatusCodes.Status411LengthRequired).ConfigureAwait(false);
        }

        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (path.Safety != PathSafety.Safe || CgiScript.Find(_site, path) is not { } script)
        {
            return await PlainAnswer.WriteAsync(features, StatusCodes.Status404NotFound).ConfigureAwait(false);
        }

        if (!script.IsExecutable)
        {
            return await PlainAnswer.WriteAsync(features, StatusCodes.Status403Forbidden).ConfigureAwait(false);
        }

        try
        {
            return Interlocked.Increment(ref _running) <= MostPrograms
                ? await new CgiRun(this, features, script).RunAsync().ConfigureAwait(false)
                : await PlainAnswer.WriteAsync(features, StatusCodes.Status503ServiceUnavailable).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
