using Darter.Server.Configuration;
using Darter.Transport.Files;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Files;

/// <summary>One request for a file, and its answer.</summary>
internal sealed partial class FileExchange
{
    private readonly IFeatureCollection _features;
    private readonly FolderSite _site;
    private readonly FolderConfig _config;
    private readonly IHttpRequestFeature _request;
    private readonly IHttpResponseFeature _response;
    private readonly IHttpRequestLifetimeFeature _lifetime;
    private readonly RequestPath _path;
    private readonly BodyWriter _body;
    private readonly bool _isHead;

    // A request begins on the connection's loop, which must not wait for a disk.
    private bool _mayWait;
    private long _written;
    private bool _passes;

    internal FileExchange(FolderSite site, IFeatureCollection features, IHttpRequestFeature request, RequestPath path)
    {
        _features = features;
        _site = site;
        _config = site.Config;
        _request = request;
        _path = path;
        _response = features.GetRequiredFeature<IHttpResponseFeature>();
        _lifetime = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _body = new BodyWriter(features, site.Time);
        _isHead = HttpMethods.IsHead(request.Method);
    }

    /// <summary>Answers the request; returns the bytes of the body, or -1: it is left to somebody else.</summary>
    internal async Task<long> RunAsync()
    {
        try
        {
            await AnswerAsync().ConfigureAwait(false);
            if (_body.IsGone)
            {
                throw new OperationCanceledException("The client has left.");
            }
        }
        catch (FileReadException exception)
        {
            FolderSite.Log.CannotRead(_site.Logger, _request.Method, _request.RawTarget, exception.Message);
            _lifetime.Abort();
        }

        return _passes ? -1 : _body.Written + _written;
    }

    private Task AnswerAsync()
    {
        if (!_isHead && !HttpMethods.IsGet(_request.Method))
        {
            return AnswerOtherMethodAsync();
        }

        return _path.Safety switch
        {
            PathSafety.Malformed => RefuseAsync(StatusCodes.Status400BadRequest),
            PathSafety.Unservable => RefuseAsync(StatusCodes.Status404NotFound),
            PathSafety.Hidden when !_config.Dotfiles => RefuseAsync(StatusCodes.Status404NotFound),
            _ => AnswerPathAsync(),
        };
    }

    private async Task AnswerPathAsync()
    {
        (OpenOutcome outcome, OpenedFile? opened) = await OpenAsync(_path).ConfigureAwait(false);
        using OpenedFile? file = opened;
        switch (outcome)
        {
            case OpenOutcome.Opened when file!.Status.Kind == FileKind.Folder:
                await AnswerFolderAsync(file).ConfigureAwait(false);
                break;
            case OpenOutcome.Opened when !_path.EndsWithSlash:
                await SendAsync(_path, file!).ConfigureAwait(false);
                break;
            case OpenOutcome.Opened or OpenOutcome.NotFound:
                await AnswerMissingAsync().ConfigureAwait(false);
                break;
            case OpenOutcome.Forbidden:
                await RefuseAsync(StatusCodes.Status403Forbidden).ConfigureAwait(false);
                break;
            case OpenOutcome.Exhausted:
                FolderSite.Log.Exhausted(_site.Logger, _request.Method, _request.RawTarget);
                _response.Headers.RetryAfter = "1";
                await RefuseAsync(StatusCodes.Status503ServiceUnavailable).ConfigureAwait(false);
                break;
            default:
                FolderSite.Log.CannotOpen(_site.Logger, _request.Method, _request.RawTarget);
                await RefuseAsync(StatusCodes.Status500InternalServerError).ConfigureAwait(false);
                break;
        }
    }

    private async Task AnswerFolderAsync(OpenedFile folder)
    {
        if (!_path.EndsWithSlash)
        {
            _passes = _site.FallsThrough;
            await (_passes ? Task.CompletedTask : RedirectAsync(_path.ToUrl(_config.Prefix, folder: true))).ConfigureAwait(false);
            return;
        }

        foreach (byte[] name in _site.IndexNames)
        {
            if (await TrySendIndexAsync(_path.Child(name)).ConfigureAwait(false))
            {
                return;
            }
        }

        if (_config.Listing)
        {
            await AnswerListingAsync(folder).ConfigureAwait(false);
        }
        else
        {
            await AnswerMissingAsync().ConfigureAwait(false);
        }
    }

    /// <summary>There is no such file: the single page of an application may know what to show, else 404.</summary>
    private async Task AnswerMissingAsync()
    {
        if (_config.SinglePage && !_path.Name.Contains((byte)'.'))
        {
            RequestPath root = RequestPath.Parse(_config.Prefix + "/", _config.Prefix)!;
            foreach (byte[] name in _site.IndexNames)
            {
                if (await TrySendIndexAsync(root.Child(name)).ConfigureAwait(false))
                {
                    return;
                }
            }
        }

        await RefuseAsync(StatusCodes.Status404NotFound).ConfigureAwait(false);
    }

    private async Task<bool> TrySendIndexAsync(RequestPath path)
    {
        (_, OpenedFile? opened) = await OpenAsync(path).ConfigureAwait(false);
        using OpenedFile? file = opened;
        if (file is not { Status.Kind: FileKind.Regular })
        {
            return false;
        }

        await SendAsync(path, file).ConfigureAwait(false);
        return true;
    }

    private ValueTask<(OpenOutcome Outcome, OpenedFile? File)> OpenAsync(RequestPath path)
    {
        OpenOutcome outcome = _site.Folder.TryOpen(path.ForOpening, _mayWait, out OpenedFile? file);
        return outcome == OpenOutcome.WouldWait ? OpenElsewhereAsync(path) : new((outcome, file));
    }

    private async ValueTask<(OpenOutcome Outcome, OpenedFile? File)> OpenElsewhereAsync(RequestPath path)
    {
        await LeaveLoopAsync().ConfigureAwait(false);
        OpenOutcome outcome = _site.Folder.TryOpen(path.ForOpening, mayWait: true, out OpenedFile? file);
        return (outcome, file);
    }

    /// <summary>What follows may wait.</summary>
    private async Task LeaveLoopAsync()
    {
        if (!_mayWait)
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            _mayWait = true;
        }
    }

    private async Task AnswerOtherMethodAsync()
    {
        if (_site.FallsThrough)
        {
            _passes = true;
            return;
        }

        bool isUpload = HttpMethods.IsPut(_request.Method) || HttpMethods.IsPost(_request.Method);
        if (isUpload && _config.Upload is { } upload)
        {
            await AnswerUploadAsync(upload).ConfigureAwait(false);
            return;
        }

        _response.Headers.Allow = _config.Upload is null ? "GET, HEAD, OPTIONS" : "GET, HEAD, OPTIONS, POST, PUT";
        if (HttpMethods.IsOptions(_request.Method))
        {
            _response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        await RefuseAsync(StatusCodes.Status405MethodNotAllowed).ConfigureAwait(false);
    }

    private Task RedirectAsync(string location)
    {
        int query = _request.RawTarget.IndexOf('?', StringComparison.Ordinal);
        _response.Headers.Location = query < 0 ? location : location + _request.RawTarget[query..];
        return RefuseAsync(StatusCodes.Status301MovedPermanently);
    }

    /// <summary>Answers with a status and a line of text that names it.</summary>
    private async Task RefuseAsync(int status, string detail = "")
    {
        _passes = _site.FallsThrough && status == StatusCodes.Status404NotFound;
        if (!_passes)
        {
            _written += await PlainAnswer.WriteAsync(_features, status, detail).ConfigureAwait(false);
        }
    }

    private async Task WriteWholeAsync(ReadOnlyMemory<byte> body)
    {
        _response.Headers.ContentLength = body.Length;
        if (!_isHead)
        {
            await _body.WriteAsync(body).ConfigureAwait(false);
        }
    }
}
