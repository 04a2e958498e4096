using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;

namespace Darter.Server.Protocols;

/// <summary>Does for a request of a gateway protocol what the HTTP server does for one of HTTP.</summary>
internal sealed class ExchangeRunner<TContext>(IHttpApplication<TContext> application) : IExchangeRunner
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
            // The application has logged it, or does so when it gets the context back.
            failure = exception;
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
