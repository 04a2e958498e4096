using Darter.Server.Compression;
using Darter.Server.Configuration;
using Darter.Transport.Files;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Files;

/// <summary>
/// One answer that names a file. The status and the fields of the application are kept, but for those that describe its own
/// body; conditions and ranges are looked at where the status is 200.
/// </summary>
internal sealed partial class NamedFile : INamedFile
{
    private readonly NamedFiles _files;
    private readonly IFeatureCollection _features;
    private readonly IHttpRequestFeature _request;
    private readonly IHttpResponseFeature _response;
    private readonly BodyWriter _body;
    private readonly string _field;
    private readonly string _value;
    private readonly IReadOnlyList<FilePlace> _places;

    /// <param name="files">Whose it is.</param>
    /// <param name="features">The request and its response.</param>
    /// <param name="field">The field that names it.</param>
    /// <param name="value">The field's value.</param>
    /// <param name="places">Where it may be; the first one that exists counts.</param>
    internal NamedFile(NamedFiles files, IFeatureCollection features, string field, string value, IReadOnlyList<FilePlace> places)
    {
        _files = files;
        _features = features;
        _request = features.GetRequiredFeature<IHttpRequestFeature>();
        _response = features.GetRequiredFeature<IHttpResponseFeature>();
        _body = new BodyWriter(features, files.Time);
        _field = field;
        _value = value;
        _places = places;
    }

    /// <inheritdoc/>
    public async Task<long> SendAsync()
    {
        (OpenOutcome outcome, FilePlace place, OpenedFile? opened) = Open(mayWait: false);
        if (outcome == OpenOutcome.WouldWait)
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            (outcome, place, opened) = Open(mayWait: true);
        }

        using OpenedFile? file = opened;
        long refusal = 0;
        try
        {
            refusal = outcome == OpenOutcome.Opened && file!.Status.Kind == FileKind.Regular
                ? await SendAsync(file, place).ConfigureAwait(false)
                : await RefuseAsync(outcome).ConfigureAwait(false);
        }
        catch (FileReadException exception)
        {
            Log.CannotRead(_files.Logger, _request.Method, _request.RawTarget, _field, _value, exception.Message);
            throw;
        }

        return _body.IsGone ? throw new OperationCanceledException("The client has left.") : _body.Written + refusal;
    }

    private (OpenOutcome Outcome, FilePlace Place, OpenedFile? File) Open(bool mayWait)
    {
        foreach (FilePlace place in _places)
        {
            OpenOutcome outcome = place.Folder.TryOpen(place.Path, mayWait, out OpenedFile? file);
            if (outcome != OpenOutcome.NotFound)
            {
                return (outcome, place, file);
            }
        }

        return (OpenOutcome.NotFound, default, null);
    }

    /// <summary>Sends the file; returns the bytes of an answer that says that this is not to be.</summary>
    private async Task<long> SendAsync(OpenedFile file, FilePlace place)
    {
        IHeaderDictionary headers = _response.Headers;
        if (headers.ContentType.Count == 0)
        {
            ReadOnlySpan<byte> path = place.Path.AsSpan(0, place.Path.Length - 1);
            headers.ContentType = ContentTypes.Of(path[(path.LastIndexOf((byte)'/') + 1)..]).Value;
        }

        bool isPlain = IsPlain();
        ContentCodings coding = ChooseCoding(file);
        try
        {
            return await SendAsync(file, coding, isPlain).ConfigureAwait(false);
        }
        finally
        {
            if (coding != ContentCodings.None)
            {
                _files.Compression!.Leave();
            }
        }
    }

    private async Task<long> SendAsync(OpenedFile file, ContentCodings coding, bool isPlain)
    {
        IHeaderDictionary headers = _response.Headers;
        Validators validators = Validators.Of(file.Status, _files.Time.GetUtcNow());
        if (coding != ContentCodings.None)
        {
            validators = validators.Compressed(CodingNames.Of(coding));
        }

        headers.ETag = validators.Tag;
        headers.LastModified = validators.LastModified;
        FileBody body = new(_features, _body);
        if (!isPlain)
        {
            await (coding == ContentCodings.None ? body.SendWholeAsync(file) : body.SendCompressedAsync(file, coding)).ConfigureAwait(false);
            return 0;
        }

        switch (Preconditions.Evaluate(_request.Headers, validators))
        {
            case Precondition.NotModified:
                _response.StatusCode = StatusCodes.Status304NotModified;
                headers.Remove("Content-Type");
                return 0;
            case Precondition.Failed:
                return await AnswerAsync(StatusCodes.Status412PreconditionFailed).ConfigureAwait(false);
        }

        if (coding != ContentCodings.None)
        {
            await body.SendCompressedAsync(file, coding).ConfigureAwait(false);
            return 0;
        }

        headers.AcceptRanges = "bytes";
        return await body.SendRangesAsync(file, validators, headers.ContentType.ToString()).ConfigureAwait(false)
            ? 0
            : await AnswerAsync(StatusCodes.Status416RangeNotSatisfiable).ConfigureAwait(false);
    }

    /// <summary>Compresses as files of --static are, where the answer may be; not what a range is asked of, since of what comes out there is no length.</summary>
    private ContentCodings ChooseCoding(OpenedFile file)
    {
        if (_files.Compression is not { } rules || file.Status.Length > FileBody.MostToCompress)
        {
            return ContentCodings.None;
        }

        ContentCodings coding = rules.Choose(_request, _response, file.Status.Length);
        return coding != ContentCodings.None && _request.Headers.Range.Count == 0 && rules.TryEnter() ? coding : ContentCodings.None;
    }

    /// <summary>Whether the answer is a file for a GET, and not a page about an error, say, for which no condition was meant.</summary>
    private bool IsPlain()
    {
        if (_response.StatusCode == StatusCodes.Status206PartialContent)
        {
            // The application has looked at the range itself, without the file that it leaves to others to send.
            _response.StatusCode = StatusCodes.Status200OK;
            _response.ReasonPhrase = null;
        }

        return _response.StatusCode == StatusCodes.Status200OK && (HttpMethods.IsGet(_request.Method) || HttpMethods.IsHead(_request.Method));
    }

    private Task<long> RefuseAsync(OpenOutcome outcome)
    {
        string folders = _field == "X-Sendfile" ? "the folders of --x-sendfile" : "the paths of --x-accel";
        (int status, string cause) = outcome switch
        {
            _ when _places.Count == 0 => (StatusCodes.Status404NotFound, $"which is not below {folders}"),
            OpenOutcome.Forbidden => (StatusCodes.Status403Forbidden, $"which the server may not read, below {folders}"),
            OpenOutcome.Exhausted => (StatusCodes.Status503ServiceUnavailable, "and no more files can be opened (ulimit -n)"),
            OpenOutcome.Failed => (StatusCodes.Status500InternalServerError, "which cannot be read from the disk"),
            _ => (StatusCodes.Status404NotFound, $"and there is no such file below {folders}"),
        };
        Log.Refused(_files.Logger, _request.Method, _request.RawTarget, status, _field, _value, cause);
        return AnswerAsync(status);
    }

    /// <summary>An answer without the file, and so without what the application says of it; its cookies stay.</summary>
    private Task<long> AnswerAsync(int status)
    {
        IHeaderDictionary headers = _response.Headers;
        string? range = headers.ContentRange;
        foreach (string name in headers.Keys.Where(IsOfTheFile).ToArray())
        {
            headers.Remove(name);
        }

        if (range is not null)
        {
            headers.ContentRange = range;
        }

        _response.ReasonPhrase = null;
        return PlainAnswer.WriteAsync(_features, status);
    }

    private static bool IsOfTheFile(string name) =>
        name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
        || name.Equals("ETag", StringComparison.OrdinalIgnoreCase) || name.Equals("Last-Modified", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Cache-Control", StringComparison.OrdinalIgnoreCase) || name.Equals("Expires", StringComparison.OrdinalIgnoreCase);
}
