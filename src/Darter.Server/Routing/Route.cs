using Darter.Server.Access;
using Darter.Server.Configuration.Routes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Darter.Server.Routing;

/// <summary>A route of the configuration, ready for requests.</summary>
internal sealed class Route : IRoute, IDisposable
{
    private readonly RouteConfig _config;
    private readonly IFrontHandler? _handler;
    private readonly Redirect? _redirect;
    private readonly FixedResponse? _response;
    private readonly PasswordGuard? _passwords;
    private readonly RouteLimiter? _limiter;

    /// <param name="config">The route.</param>
    /// <param name="handler">Who answers, if it is files or an upstream.</param>
    /// <param name="cacheVariant">Tells its answers from those of other routes; empty: nothing has to.</param>
    /// <param name="time">The clock.</param>
    internal Route(RouteConfig config, IFrontHandler? handler, string cacheVariant, TimeProvider time)
    {
        _config = config;
        _handler = handler;
        _redirect = config.Action is RedirectAction redirect ? new Redirect(redirect) : null;
        _response = config.Action is ResponseAction response ? new FixedResponse(response) : null;
        _passwords = config.Users.Count > 0 ? new PasswordGuard(config.Users, config.Realm, time) : null;
        _limiter = config.RateLimit is { } limit ? new RouteLimiter(limit) : null;
        string mount = config.Action is AppAction app ? app.Mount : "";
        App = (config.Action as AppAction)?.App;
        Matcher = new RouteMatcher(config.Match, mount);
        Settings = new RouteSettings
        {
            Name = config.Name,
            KeepsAnswers = config.Cache?.IsOn ?? true,
            Ttl = config.Cache?.Ttl,
            CacheVariant = cacheVariant,
            Timeout = config.Timeout,
            Mount = mount,
        };
    }

    /// <summary>Which requests it is for.</summary>
    internal RouteMatcher Matcher { get; }

    /// <inheritdoc/>
    public string? App { get; }

    /// <inheritdoc/>
    public RouteSettings Settings { get; }

    /// <inheritdoc/>
    public bool ChangesHead => _config.ResponseFields.Count > 0;

    /// <inheritdoc/>
    public Task<long>? Admit(in RouteHit hit, IFeatureCollection features)
    {
        if ((_config.Deny is { } deny && hit.Client is not null && deny.Contains(hit.Client)) || _config.Allow?.Contains(hit.Client) == false)
        {
            return PlainAnswer.WriteAsync(features, StatusCodes.Status403Forbidden);
        }

        // Passwords last: what comes of them may take a while to be known.
        return (_config.LimitRequestBody is { } limit ? CheckBody(features, limit) : null)
            ?? _limiter?.Check(features, hit.Client)
            ?? _passwords?.Check(features, hit.Client);
    }

    /// <inheritdoc/>
    public void Prepare(in RouteHit hit, IFeatureCollection features)
    {
        IHttpRequestFeature request = features.GetRequiredFeature<IHttpRequestFeature>();
        if (_config.Rewrite is { } path)
        {
            SetTarget(request, RoutePath.Encode(RouteCaptures.Fill(path, hit)));
        }
        else if (Settings.MountVariable.Length > 0 && RoutePath.TryNormalize(request.RawTarget, out string normal) && request.RawTarget.Contains("//", StringComparison.Ordinal))
        {
            // The application's side takes the mount off the path as it comes.
            SetTarget(request, RoutePath.Encode(normal));
        }

        foreach (FieldChange change in _config.RequestFields)
        {
            Apply(change, request.Headers);
        }
    }

    /// <inheritdoc/>
    public void FinishHead(IHeaderDictionary response)
    {
        foreach (FieldChange change in _config.ResponseFields)
        {
            Apply(change, response);
        }
    }

    /// <inheritdoc/>
    public Task<long> AnswerAsync(in RouteHit hit, IFeatureCollection features, string clientTarget) =>
        _redirect?.AnswerAsync(hit, features)
        ?? _response?.AnswerAsync(features)
        ?? (_handler is ICachingHandler caching ? caching.TryHandle(features, clientTarget) : _handler?.TryHandle(features))
        ?? Task.FromResult(-1L);

    /// <inheritdoc/>
    public void Dispose()
    {
        _limiter?.Dispose();
        (_handler as IDisposable)?.Dispose();
    }

    private static Task<long>? CheckBody(IFeatureCollection features, long limit)
    {
        if (features.GetRequiredFeature<IHttpRequestFeature>().Headers.ContentLength > limit)
        {
            features.GetRequiredFeature<IHttpResponseFeature>().Headers.Connection = "close";
            return PlainAnswer.WriteAsync(features, StatusCodes.Status413PayloadTooLarge);
        }

        if (features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit;
        }

        return null;
    }

    private static void SetTarget(IHttpRequestFeature request, string path)
    {
        string query = RoutePath.QueryOf(request.RawTarget).ToString();
        request.RawTarget = path + query;
        request.Path = Uri.UnescapeDataString(path);
        request.QueryString = query;
    }

    private static void Apply(FieldChange change, IHeaderDictionary headers)
    {
        if (change.Value is null)
        {
            headers.Remove(change.Name);
        }
        else
        {
            headers[change.Name] = change.Value;
        }
    }
}
