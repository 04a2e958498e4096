using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Proxying;

/// <summary>The response to the client, or the tunnel, whose bytes are counted.</summary>
internal sealed class ClientResponse : IHttpResponseBodyFeature, IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    private readonly IFeatureCollection _features;
    private readonly IHttpResponseBodyFeature _body;
    private CountedStream? _stream;

    internal ClientResponse(IFeatureCollection features)
    {
        _features = features;
        _body = features.GetRequiredFeature<IHttpResponseBodyFeature>();
    }

    /// <summary>Bytes that were written.</summary>
    internal long Bytes => _stream?.Written ?? 0;

    /// <inheritdoc/>
    public Stream Stream => _stream ??= new CountedStream(_body.Stream);

    /// <inheritdoc/>
    public PipeWriter Writer => _body.Writer;

    /// <inheritdoc/>
    public bool IsUpgradableRequest => _features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };

    /// <inheritdoc/>
    public bool IsExtendedConnect => _features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    /// <inheritdoc/>
    public string? Protocol => _features.Get<IHttpExtendedConnectFeature>()?.Protocol;

    /// <summary>Takes the place of the server's own.</summary>
    internal void Install(FeatureCollection features)
    {
        features.Set<IHttpResponseBodyFeature>(this);
        features.Set<IHttpUpgradeFeature>(this);
        features.Set<IHttpExtendedConnectFeature>(this);
    }

    /// <inheritdoc/>
    public async Task<Stream> UpgradeAsync() =>
        _stream = new CountedStream(await _features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync().ConfigureAwait(false));

    /// <inheritdoc/>
    public async ValueTask<Stream> AcceptAsync() =>
        _stream = new CountedStream(await _features.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync().ConfigureAwait(false));

    /// <inheritdoc/>
    public void DisableBuffering() => _body.DisableBuffering();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) => _body.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        _body.SendFileAsync(path, offset, count, cancellationToken);

    /// <inheritdoc/>
    public Task CompleteAsync() => _body.CompleteAsync();
}
