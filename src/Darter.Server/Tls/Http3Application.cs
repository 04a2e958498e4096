using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Tls;

/// <summary>What the HTTP server needs with HTTP/3 around an application of the other versions.</summary>
/// <param name="application">It.</param>
/// <param name="fields">Sees the fields of responses.</param>
internal sealed class Http3Application<TContext>(IHttpApplication<TContext> application, ResponseFields fields) : IHttpApplication<Http3Application<TContext>.Request>
    where TContext : notnull
{
    private readonly ConcurrentDictionary<string, IRequestVariables> _variables = new();

    /// <summary>The connection middleware: the requests of a connection are told of its encryption.</summary>
    internal MultiplexedConnectionDelegate Watch(MultiplexedConnectionDelegate next) => async connection =>
    {
        ITlsConnectionFeature? tls = connection.Features.Get<ITlsConnectionFeature>();
        _variables[connection.ConnectionId] = new TlsVariables(connection.Features.Get<ITlsHandshakeFeature>(), tls?.ClientCertificate);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            _variables.TryRemove(connection.ConnectionId, out _);
        }
    };

    /// <inheritdoc/>
    public Request CreateContext(IFeatureCollection contextFeatures)
    {
        // What is set for a connection of HTTP/3 its streams do not see.
        if (contextFeatures.Get<IHttpConnectionFeature>() is { } connection && _variables.TryGetValue(connection.ConnectionId, out IRequestVariables? variables))
        {
            contextFeatures.Set(variables);
        }

        fields.Watch(contextFeatures);
        return new Request(contextFeatures, application.CreateContext(contextFeatures));
    }

    /// <inheritdoc/>
    public async Task ProcessRequestAsync(Request context)
    {
        await application.ProcessRequestAsync(context.Inner).ConfigureAwait(false);
        fields.CheckTrailers(context.Features);

        // With the other versions the server sends what is not flushed at the end of a request; here it loses it, and logs that
        // as a fault of its own.
        if (!context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted.IsCancellationRequested)
        {
            await context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.FlushAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void DisposeContext(Request context, Exception? exception) => application.DisposeContext(context.Inner, exception);

    /// <summary>A request.</summary>
    /// <param name="Features">The server's.</param>
    /// <param name="Inner">The application's own.</param>
    internal sealed record Request(IFeatureCollection Features, TContext Inner);
}
