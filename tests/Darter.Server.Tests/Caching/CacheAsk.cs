using System.Text;
using Darter.Server.Caching;
using Darter.Server.Observability;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Darter.Server.Tests.Caching;

/// <summary>One request to a cache, and what becomes of it.</summary>
internal sealed class CacheAsk : IHoldOwner
{
    private readonly AnswerCache _cache;
    private readonly IAnswerSource _source;
    private readonly IFeatureCollection _features;
    private readonly MemoryStream _body = new();
    private readonly StreamResponseBodyFeature _writer;
    private Task<long>? _answering;
    private ICacheLookup? _lookup;

    public CacheAsk(AnswerCache cache, IAnswerSource source, string method, string target, params (string Name, string Value)[] fields)
        : this(cache, source, Features(method, target, fields))
    {
    }

    public CacheAsk(AnswerCache cache, IAnswerSource source, IFeatureCollection features)
    {
        _cache = cache;
        _source = source;
        _features = features;
        _writer = new StreamResponseBodyFeature(_body);
        features.Set<IHttpResponseBodyFeature>(_writer);
        Look();
    }

    /// <summary>Whether it was answered without the application.</summary>
    public bool IsHit => _answering is not null;

    /// <summary>Ends when it is answered, if it is answered without the application.</summary>
    public Task Answered => _answering ?? Task.CompletedTask;

    /// <summary>Whether it waits for another one.</summary>
    public bool Waits => _lookup?.Awaited is { IsCompleted: false };

    /// <summary>Whether it goes to the application.</summary>
    public bool Asks => _answering is null && _lookup?.Awaited is null;

    public IHeaderDictionary Request => _features.GetRequiredFeature<IHttpRequestFeature>().Headers;

    public IHeaderDictionary Response => _features.GetRequiredFeature<IHttpResponseFeature>().Headers;

    public int Status => _features.GetRequiredFeature<IHttpResponseFeature>().StatusCode;

    public string CacheStatus => Response["Cache-Status"].ToString();

    /// <summary>What was sent to the client.</summary>
    public string Body => Encoding.UTF8.GetString(Bytes);

    /// <inheritdoc cref="Body"/>
    public byte[] Bytes
    {
        get
        {
            _writer.Writer.FlushAsync().AsTask().Wait();
            return _body.ToArray();
        }
    }

    string IHoldOwner.ClientAddress => "";

    /// <summary>The cache looks at it, for the first time or again.</summary>
    public void Look() => _answering = _cache.TryAnswer(Exchange, _lookup, out _lookup);

    /// <summary>The application answers with a body whose length it says.</summary>
    public void Answer(int status, string body, params (string Name, string Value)[] fields)
    {
        if (Begin(status, [.. fields, ("Content-Length", $"{Encoding.UTF8.GetByteCount(body)}")]) is { } held)
        {
            held.OnBody(Encoding.UTF8.GetBytes(body));
            held.OnBodyEnd();
            return;
        }

        Write(body);
        _lookup?.OnEnd();
    }

    /// <summary>The application's head.</summary>
    public IHeldAnswer? Begin(int status, params (string Name, string Value)[] fields)
    {
        Assert.True(Asks, "the request does not go to the application");
        _features.GetRequiredFeature<IHttpResponseFeature>().StatusCode = status;
        foreach ((string name, string value) in fields)
        {
            Response[name] = StringValues.Concat(Response[name], value);
        }

        return _lookup?.OnHead(Exchange, this);
    }

    /// <summary>A piece of the application's body.</summary>
    public void Write(string body)
    {
        _body.Write(Encoding.UTF8.GetBytes(body));
        _lookup?.OnBody(Encoding.UTF8.GetBytes(body));
    }

    /// <summary>The application's answer is complete.</summary>
    public void End() => _lookup?.OnEnd();

    /// <summary>The application gives no answer; whether a stored one takes the place of the error.</summary>
    public bool Fail()
    {
        IHeldAnswer? held = _lookup?.OnFailed(Exchange, this);
        held?.OnBodyEnd();
        Leave();
        return held is not null;
    }

    /// <summary>The request is over.</summary>
    public void Leave(bool clientLeft = false) => _lookup?.Leave(clientLeft);

    /// <summary>It was a request that changes something, and was answered with this status and these fields.</summary>
    public void Change(params (string Name, string Value)[] fields)
    {
        foreach ((string name, string value) in fields)
        {
            Response[name] = value;
        }

        _cache.OnChanged(Exchange);
    }

    void IHoldOwner.OnHoldProgress()
    {
    }

    void IHoldOwner.RefuseHold(int status, string? cause) => Assert.Fail($"refused: {status}");

    void IHoldOwner.OnHoldEnded(long bytes, RequestEnd end) => Assert.Equal(RequestEnd.Complete, end);

    private CacheExchange Exchange => new()
    {
        Features = _features,
        Request = _features.GetRequiredFeature<IHttpRequestFeature>(),
        Response = _features.GetRequiredFeature<IHttpResponseFeature>(),
        Target = _features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
        IsHttps = false,
        IsIdentified = false,
        Source = _source,
        MayBeEncoded = true,
    };

    private static FeatureCollection Features(string method, string target, (string Name, string Value)[] fields)
    {
        HttpRequestFeature request = new() { Method = method, RawTarget = target, Headers = new HeaderDictionary { ["Host"] = "example.org" } };
        foreach ((string name, string value) in fields)
        {
            request.Headers[name] = StringValues.Concat(request.Headers[name], value);
        }

        FeatureCollection features = new();
        features.Set<IHttpRequestFeature>(request);
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        return features;
    }
}
