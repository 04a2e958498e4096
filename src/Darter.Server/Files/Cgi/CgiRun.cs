using System.ComponentModel;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Files.Cgi;

/// <summary>One run of a program for one request.</summary>
internal sealed class CgiRun
{
    private const int LargestHead = 64 * 1024;

    private readonly CgiHandler _handler;
    private readonly IFeatureCollection _features;
    private readonly CgiScript _script;
    private readonly IHttpRequestFeature _request;
    private readonly IHttpResponseFeature _response;
    private readonly IHttpRequestLifetimeFeature _lifetime;
    private readonly BodyWriter _body;

    internal CgiRun(CgiHandler handler, IFeatureCollection features, CgiScript script)
    {
        _handler = handler;
        _features = features;
        _script = script;
        _request = features.GetRequiredFeature<IHttpRequestFeature>();
        _response = features.GetRequiredFeature<IHttpResponseFeature>();
        _lifetime = features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        _body = new BodyWriter(features, handler.Site.Time);
    }

    /// <summary>Runs it; returns the bytes of the response's body.</summary>
    internal async Task<long> RunAsync()
    {
        using Process? process = Start();
        if (process is null)
        {
            return await PlainAnswer.WriteAsync(_features, StatusCodes.Status500InternalServerError).ConfigureAwait(false);
        }

        using CancellationTokenSource timeout = new(_handler.Timeout, _handler.Site.Time);
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _lifetime.RequestAborted);
        Task input = FeedAsync(process, end.Token);
        try
        {
            return await AnswerAsync(process, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            FolderSite.Log.ProgramTimedOut(_handler.Site.Logger, _request.Method, _request.RawTarget, _handler.Timeout.TotalSeconds);
            return await FailAsync(StatusCodes.Status504GatewayTimeout).ConfigureAwait(false);
        }
        finally
        {
            // With its children, and also if it has closed its output and runs on.
            await end.CancelAsync().ConfigureAwait(false);
            process.Kill(entireProcessTree: true);
            await input.ConfigureAwait(false);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private Process? Start()
    {
        ProcessStartInfo start = new(_script.File)
        {
            WorkingDirectory = Path.GetDirectoryName(_script.File),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        CgiEnvironment.Fill(start.Environment, _features, _script, _handler.Site.Config.Folder, _handler.User);
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception exception)
        {
            FolderSite.Log.ProgramNotRun(_handler.Site.Logger, _request.Method, _request.RawTarget, exception.Message);
            return null;
        }
    }

    /// <summary>Gives the program the request's body; what it does not read is its own affair.</summary>
    private async Task FeedAsync(Process process, CancellationToken end)
    {
        try
        {
            await using Stream input = process.StandardInput.BaseStream;
            if (_request.Headers.ContentLength > 0)
            {
                await _request.Body.CopyToAsync(input, end).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // It has ended, or the client has, which the other side of the exchange deals with.
        }
    }

    private async Task<long> AnswerAsync(Process process, CancellationToken end)
    {
        Stream output = process.StandardOutput.BaseStream;
        byte[] buffer = new byte[LargestHead];
        int length = 0;
        int body;
        while ((body = CgiHead.FindBody(buffer.AsSpan(0, length))) < 0)
        {
            int read = length == buffer.Length ? 0 : await output.ReadAsync(buffer.AsMemory(length), end).ConfigureAwait(false);
            if (read == 0)
            {
                FolderSite.Log.ProgramSaidNothing(_handler.Site.Logger, _request.Method, _request.RawTarget);
                return await FailAsync(StatusCodes.Status502BadGateway).ConfigureAwait(false);
            }

            length += read;
        }

        if (!CgiHead.TryApply(buffer.AsSpan(0, body), _response.Headers, out int status))
        {
            FolderSite.Log.ProgramSaidNothing(_handler.Site.Logger, _request.Method, _request.RawTarget);
            return await FailAsync(StatusCodes.Status502BadGateway).ConfigureAwait(false);
        }

        _response.StatusCode = status;
        bool hasBody = !HttpMethods.IsHead(_request.Method) && status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified);
        ReadOnlyMemory<byte> part = buffer.AsMemory(body, length - body);
        do
        {
            if (hasBody && part.Length > 0 && !await _body.WriteAsync(part).ConfigureAwait(false))
            {
                throw new OperationCanceledException("The client has left.");
            }

            part = buffer.AsMemory(0, await output.ReadAsync(buffer, end).ConfigureAwait(false));
        }
        while (part.Length > 0);
        return _body.Written;
    }

    private async Task<long> FailAsync(int status)
    {
        if (_response.HasStarted)
        {
            _lifetime.Abort();
            return _body.Written;
        }

        return await PlainAnswer.WriteAsync(_features, status).ConfigureAwait(false);
    }
}
