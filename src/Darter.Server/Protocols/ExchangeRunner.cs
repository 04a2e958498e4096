using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Protocols;

/// <summary>Does for a request of a gateway protocol what the HTTP server does for one of HTTP.</summary>
/// <param name="application">The application.</param>
/// <param name="logger">Where what goes wrong is logged; null: the application does that itself.</param>
internal sealed class ExchangeRunner<TContext>(IHttpApplication<TContext> application, ILogger? logger) : IExchangeRunner
    where TContext : notnull
{
    /// <inheritdoc/>
    public async Task RunAsync(Exchange exchange)
    {
        TContext context = application.CreateContext(exchange);
        Exception? failure = null;
        try
        {
            await application.ProcessRequestAsync(context).ConfigureAwait(false);
            await exchange.EndResponseAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
            if (logger is not null && exception is not (IOException or OperationCanceledException))
            {
                ExchangeLog.Failed(logger, exception);
            }

            await FailAsync(exchange).ConfigureAwait(false);
        }
        finally
        {
            application.DisposeContext(context, failure);
            exchange.End();
        }
    }

    private static async Task FailAsync(Exchange exchange)
    {
        if (exchange.HasStarted)
        {
            exchange.Break();
            return;
        }

        exchange.Clear(StatusCodes.Status500InternalServerError);
        await exchange.EndResponseAsync().ConfigureAwait(false);
    }
}
