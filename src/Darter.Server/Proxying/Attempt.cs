using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Darter.Server.Proxying;

/// <summary>Reads what YARP says of a request that it sent.</summary>
internal static class Attempt
{
    /// <summary>The cause of a connection that was not there in time.</summary>
    internal const string ConnectTimeout = "connecting took too long";

    /// <summary>What became of it.</summary>
    internal static AttemptResult Read(ForwarderError error, HttpContext context)
    {
        Exception? exception = context.GetForwarderErrorFeature()?.Exception;
        switch (error)
        {
            case ForwarderError.None:
                return AttemptResult.Answered;

            case ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyClient or ForwarderError.RequestBodyDestination when context.Response.HasStarted:
                // The answer is complete; the destination did not want the rest of the body.
                return AttemptResult.Answered;

            case ForwarderError.RequestBodyClient:
                return BadRequestOf(exception) is not null || context.Response.StatusCode == StatusCodes.Status408RequestTimeout
                    ? AttemptResult.BadRequest
                    : AttemptResult.ClientLeft;

            case ForwarderError.Request:
                return exception is HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError or HttpRequestError.VersionNegotiationError,
                }
                    ? AttemptResult.NotSent
                    : AttemptResult.NotAnswered;

            case ForwarderError.RequestTimedOut:
                // The time for connecting is told apart by the exception within.
                return exception is OperationCanceledException { InnerException: TimeoutException } ? AttemptResult.NotSent : AttemptResult.TimedOut;

            case ForwarderError.RequestBodyDestination:
                return AttemptResult.NotAnswered;

            case ForwarderError.ResponseHeaders:
                return AttemptResult.BadAnswer;

            case ForwarderError.ResponseBodyDestination:
                return context.Response.HasStarted ? AttemptResult.BrokenOff : AttemptResult.BadAnswer;

            case ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled or ForwarderError.ResponseBodyClient:
                return AttemptResult.ClientLeft;

            case ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeRequestClient or ForwarderError.UpgradeRequestDestination
                or ForwarderError.UpgradeResponseCanceled or ForwarderError.UpgradeResponseClient or ForwarderError.UpgradeResponseDestination
                or ForwarderError.UpgradeActivityTimeout:
                return AttemptResult.SocketEnded;

            default:
                return AttemptResult.Failed;
        }
    }

    /// <summary>What went wrong, for the log: the innermost cause, which names it best.</summary>
    internal static string CauseOf(AttemptResult result, Exception? exception)
    {
        if (result == AttemptResult.TimedOut)
        {
            return "it was silent for too long";
        }

        if (exception is OperationCanceledException { InnerException: TimeoutException })
        {
            return ConnectTimeout;
        }

        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException || inner.InnerException is null)
            {
                return inner.Message.TrimEnd('.');
            }
        }

        return "there is no reason given";
    }

    /// <summary>What the HTTP server found wrong with the request's body, or null.</summary>
    internal static BadHttpRequestException? BadRequestOf(Exception? exception) => exception switch
    {
        BadHttpRequestException bad => bad,
        AggregateException all => all.InnerExceptions.Select(BadRequestOf).FirstOrDefault(bad => bad is not null),
        _ => exception?.InnerException is { } inner ? BadRequestOf(inner) : null,
    };
}
