using System.Text;
using Darter.Server.Compression;
using Darter.Server.Configuration;
using Darter.Transport.Files;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Files;

/// <summary>
/// Sends the files that the application names: by their path in X-Sendfile, as Apache and lighttpd do, or by a path of the URL
/// in X-Accel-Redirect, as nginx does. Each of the fields counts only where its option gives it folders; else it is passed on,
/// to another server that may be there for it.
/// </summary>
internal sealed partial class NamedFiles : INamedFiles, IDisposable
{
    private const string SendfileField = "X-Sendfile";
    private const string AccelPrefix = "X-Accel-";
    private const string AccelField = "X-Accel-Redirect";

    // What is true of the body that the application sends is not true of the file.
    private static readonly string[] s_ofTheBody =
        ["Content-Length", "Content-Range", "Content-MD5", "Content-Digest", "Repr-Digest", "Digest", "ETag", "Last-Modified", "Accept-Ranges", "Trailer"];

    private readonly SendfileFolder[] _folders;
    private readonly AccelFolder[] _locations;

    /// <param name="folders">Where the files of X-Sendfile may lie.</param>
    /// <param name="locations">The paths of X-Accel-Redirect, and their folders.</param>
    /// <param name="compression">Which files are compressed; null: none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The operator's log.</param>
    /// <exception cref="IOException">A folder cannot be opened; the message names it.</exception>
    internal NamedFiles(
        IReadOnlyList<string> folders, IReadOnlyList<FolderConfig> locations, CompressionRules? compression, TimeProvider time, ILogger logger)
    {
        Compression = compression;
        Time = time;
        Logger = logger;
        _folders = [.. folders.Select(folder => new SendfileFolder(folder, Open(folder, "--x-sendfile")))];

        // /internal/private before /internal, whatever the order they are given in.
        _locations =
        [
            .. locations.OrderByDescending(location => location.Prefix.Length)
                .Select(location => new AccelFolder(location.Prefix, Open(location.Folder, "--x-accel"))),
        ];
    }

    /// <summary>Which files are compressed; null: none.</summary>
    internal CompressionRules? Compression { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; }

    /// <summary>The operator's log.</summary>
    internal ILogger Logger { get; }

    /// <inheritdoc/>
    public INamedFile? Take(IFeatureCollection features)
    {
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        IHeaderDictionary headers = response.Headers;
        string? path = _folders.Length > 0 ? TakeField(headers, SendfileField) : null;
        string? location = _locations.Length > 0 ? TakeAccelFields(headers) : null;

        // A 304 has no body that could be replaced; Werkzeug leaves the field in it, too, in some versions.
        if ((path ?? location) is null || response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
        {
            return null;
        }

        foreach (string name in s_ofTheBody)
        {
            headers.Remove(name);
        }

        return path is not null
            ? new NamedFile(this, features, SendfileField, path, FindByPath(path))
            : new NamedFile(this, features, AccelField, location!, FindByLocation(location!));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_folders, folder => folder.Folder.Dispose());
        Array.ForEach(_locations, location => location.Folder.Dispose());
    }

    private List<FilePlace> FindByPath(string value)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(value);
        List<FilePlace> places = [];
        AddPlaces(bytes, places);
        if (value.Contains('%', StringComparison.Ordinal) && PercentEncoding.TryDecode(bytes, out byte[]? decoded))
        {
            // Some applications encode the path, others do not, and which ones do has changed.
            AddPlaces(decoded, places);
        }

        return places;
    }

    private void AddPlaces(ReadOnlySpan<byte> path, List<FilePlace> places)
    {
        if (AbsolutePath.Normalize(path) is not { } normal)
        {
            return;
        }

        foreach (SendfileFolder folder in _folders)
        {
            if (folder.Find(normal) is { } place)
            {
                places.Add(place);
                return;
            }
        }
    }

    private List<FilePlace> FindByLocation(string value)
    {
        if (value[0] != '/')
        {
            return [];
        }

        // nginx takes characters that no URL has as they are.
        string target = PercentEncoding.EncodeUnsafe(value);
        foreach (AccelFolder location in _locations)
        {
            if (RequestPath.Parse(target, location.Prefix) is { } path)
            {
                return path.Safety is PathSafety.Safe or PathSafety.Hidden && !path.EndsWithSlash && !path.IsRoot
                    ? [new FilePlace(location.Folder, path.ForOpening.ToArray())]
                    : [];
            }
        }

        return [];
    }

    private static string? TakeField(IHeaderDictionary headers, string name)
    {
        StringValues values = headers[name];
        headers.Remove(name);
        return values.Count > 0 && values[^1] is { Length: > 0 } value ? value : null;
    }

    /// <summary>All fields of nginx's are for a server like this one, and none for the client.</summary>
    private static string? TakeAccelFields(IHeaderDictionary headers)
    {
        string? location = TakeField(headers, AccelField);
        foreach (string name in headers.Keys.Where(name => name.StartsWith(AccelPrefix, StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            headers.Remove(name);
        }

        return location;
    }

    private static ServedFolder Open(string folder, string option)
    {
        try
        {
            return ServedFolder.Open(folder, followLinks: false);
        }
        catch (IOException exception)
        {
            throw new IOException($"{option}: the folder '{folder}' cannot be used: {exception.Message}", exception);
        }
    }
}
