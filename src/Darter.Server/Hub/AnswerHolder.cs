using Darter.Server.Configuration;
using Darter.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Hub;

/// <summary>
/// Takes over answers with GRIP's instructions, and has the connections that are held. On the pool's loop, but for
/// <see cref="Sign"/>.
/// </summary>
internal sealed partial class AnswerHolder : IAnswerHolder
{
    private const string SignatureField = "Grip-Sig";

    // As long as Pushpin's; a request may wait for a worker, and its signature is looked at then.
    private static readonly TimeSpan SignatureValidity = TimeSpan.FromHours(1);
    private static readonly TimeSpan SignatureAge = TimeSpan.FromMinutes(10);

    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly WebToken? _token;
    private Signature? _signature;

    internal AnswerHolder(MessageHub hub, HubConfig config, EventLoop loop, TimeProvider time, ILogger<AnswerHolder> logger)
    {
        Hub = hub;
        Config = config;
        Loop = loop;
        Held = new HeldConnections(hub, loop);
        _time = time;
        _logger = logger;
        _token = config.Key is { } key ? new WebToken(key, time) : null;
    }

    internal MessageHub Hub { get; }

    internal HubConfig Config { get; }

    internal EventLoop Loop { get; }

    /// <summary>What is written to a connection at a time.</summary>
    internal HeldBatch Batch { get; } = new();

    /// <summary>The connections that are held.</summary>
    internal HeldConnections Held { get; }

    /// <inheritdoc/>
    public bool SignsRequests => _token is not null;

    /// <inheritdoc/>
    public bool Sign(IHeaderDictionary request)
    {
        if (request[SignatureField] is [{ } given] && _token!.Verify(given))
        {
            return true;
        }

        // What a client has made up is replaced.
        request[SignatureField] = CurrentSignature();
        return false;
    }

    /// <inheritdoc/>
    public IHeldAnswer? Hold(IFeatureCollection features, IHoldOwner owner, bool isOfOtherProxy)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        if (SignsRequests ? isOfOtherProxy : request.Headers.ContainsKey(SignatureField))
        {
            return null;
        }

        try
        {
            GripInstruct instruct = GripHeaders.Read(response.Headers);
            if (GripHeaders.ReadStatus(response.Headers) is var (status, reason))
            {
                response.StatusCode = status;
                response.ReasonPhrase = reason.Length > 0 ? reason : null;
            }

            GripHeaders.Remove(response.Headers);
            bool isHead = HttpMethods.IsHead(request.Method);
            if (IsInstruct(response.Headers.ContentType.ToString()) && !isHead)
            {
                return new InstructedAnswer(this, features, owner);
            }

            return instruct.Hold == GripHold.None || isHead ? null : Begin(instruct, features, owner);
        }
        catch (GripException exception)
        {
            owner.RefuseHold(StatusCodes.Status500InternalServerError, $"its answer cannot be held: {exception.Message}");
            return null;
        }
    }

    /// <summary>Begins to hold; null: the owner was told to refuse.</summary>
    /// <exception cref="GripException">The answer cannot be held.</exception>
    internal HeldConnection? Begin(GripInstruct instruct, IFeatureCollection features, IHoldOwner owner)
    {
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        if (response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
        {
            throw new GripException($"a response of status {response.StatusCode} has no body");
        }

        HeldConnection held = instruct.Hold == GripHold.Stream
            ? new HeldStream(this, instruct, features, owner)
            : new HeldResponse(this, instruct, features, owner);
        HubRefusal refusal = Hub.Admission.Enter(held.Address);
        if (refusal == HubRefusal.None)
        {
            refusal = held.Subscribe(instruct.Hold == GripHold.Stream ? LastEventIdOf(features) : null);
            if (refusal == HubRefusal.None)
            {
                Held.Add(held);
                return held;
            }

            Hub.Admission.Leave(held.Address);
        }

        Refuse(refusal, owner);
        return null;
    }

    /// <summary>The value of Grip-Sig for a request of now; null: requests are not signed.</summary>
    internal string? SignatureOfNow() => SignsRequests ? CurrentSignature() : null;

    private static bool IsInstruct(string contentType) =>
        contentType.Split(';')[0].Trim().Equals(GripInstructJson.ContentType, StringComparison.OrdinalIgnoreCase);

    /// <summary>What an EventSource that connects again had got (HTML, section 9.2.4).</summary>
    private static string? LastEventIdOf(IFeatureCollection features)
    {
        string? value = features.GetRequiredFeature<IHttpRequestFeature>().Headers["Last-Event-ID"] is [{ Length: > 0 } id] ? GripParameters.Decode(id) : null;
        return value is { Length: <= HubLimits.ItemId } ? value : null;
    }

    /// <summary>Answers a client that cannot be held.</summary>
    internal void Refuse(HubRefusal refusal, IHoldOwner owner)
    {
        switch (refusal)
        {
            case HubRefusal.ConnectionsOfAddress:
                owner.RefuseHold(StatusCodes.Status429TooManyRequests, null);
                Warn(ref _warnedOfAddress, LogTooManyOfAddress, Config.MaxConnectionsPerAddress);
                break;
            case HubRefusal.Connections:
                owner.RefuseHold(StatusCodes.Status503ServiceUnavailable, null);
                Warn(ref _warnedOfConnections, LogTooMany, Config.MaxConnections);
                break;
            case HubRefusal.Channels:
                owner.RefuseHold(StatusCodes.Status503ServiceUnavailable, null);
                Warn(ref _warnedOfChannels, LogTooManyChannels, Config.MaxChannels);
                break;
            default:
                throw new GripException($"it names more than {HubLimits.ChannelsOfConnection} channels");
        }
    }

    private string CurrentSignature()
    {
        DateTimeOffset now = _time.GetUtcNow();
        Signature? signature = Volatile.Read(ref _signature);
        if (signature is null || now - signature.MadeAt > SignatureAge)
        {
            signature = new Signature(_token!.Make(Config.Issuer, SignatureValidity), now);
            Volatile.Write(ref _signature, signature);
        }

        return signature.Text;
    }

    private sealed record Signature(string Text, DateTimeOffset MadeAt);
}
