namespace Darter.Server.Protocols;

/// <summary>Has a request answered by the application, whatever its context is.</summary>
internal interface IExchangeRunner
{
    /// <summary>Answers a request; the task ends when all of the response was given to the connection.</summary>
    Task RunAsync(Exchange exchange);
}
