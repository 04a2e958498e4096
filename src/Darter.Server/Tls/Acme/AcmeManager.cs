using System.Security.Cryptography.X509Certificates;
using Darter.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace Darter.Server.Tls.Acme;

/// <summary>
/// Has a certificate for each name at any time: one of its own making at first, then those that it, or another server that
/// shares the folder, obtains. Orders in the background; nobody waits for it.
/// </summary>
internal sealed partial class AcmeManager : IAsyncDisposable
{
    // How soon a certificate is taken up that another server has obtained.
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(5);

    private readonly AcmeConfig _config;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Func<HttpMessageHandler> _transport;
    private readonly AcmeState _state;
    private readonly AcmeRetries _retries;
    private readonly Dictionary<string, ManagedName> _names;
    private readonly CancellationTokenSource _end = new();
    private Task _run = Task.CompletedTask;
    private string? _reported;

    /// <param name="config">The settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The operator's log.</param>
    /// <param name="transport">How authorities are asked; null: over the network.</param>
    /// <exception cref="IOException">The roots of the directory cannot be read; the message names their file.</exception>
    internal AcmeManager(AcmeConfig config, TimeProvider time, ILogger logger, Func<HttpMessageHandler>? transport = null)
    {
        _config = config;
        _time = time;
        _logger = logger;
        X509Certificate2Collection? roots = AcmeTransport.LoadRoots(config);
        _transport = transport ?? (() => AcmeTransport.Create(roots));
        _state = new AcmeState(config);
        _retries = new AcmeRetries(config);
        Challenges = new AcmeChallenges(_state);
        _names = config.Domains.ToDictionary(domain => domain, domain => new ManagedName(domain), StringComparer.OrdinalIgnoreCase);
        TakeUp();
    }

    /// <summary>Answers challenges over http.</summary>
    internal IFrontHandler Challenges { get; }

    /// <summary>Whether challenges may have to be answered in handshakes.</summary>
    internal bool AnswersHandshakes => _config.Challenge != AcmeChallengeKind.Http01;

    /// <summary>Whether the server listens for http, too.</summary>
    internal bool HasHttp { set => _retries.HasHttp = value; }

    /// <summary>The certificate for names that none is for.</summary>
    internal LoadedCertificate Default => _names[_config.Domains[0]].Certificate;

    /// <summary>The certificate for a name; null: there is none for it.</summary>
    internal LoadedCertificate? Find(string serverName) => _names.GetValueOrDefault(serverName)?.Certificate;

    /// <summary>The certificate that answers the challenge for a name; null: there is no challenge.</summary>
    internal LoadedCertificate? FindAnswer(string serverName) =>
        _state.FindTls(serverName) is { } authorization ? OwnCertificate.MakeAnswer(serverName, authorization) : null;

    /// <summary>Begins to look after the certificates.</summary>
    /// <param name="hasHttp">Whether the server listens for http, too.</param>
    internal void Start(bool hasHttp)
    {
        HasHttp = hasHttp;
        _run = Task.Run(() => RunAsync(_end.Token));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await PassAsync(cancellation).ConfigureAwait(false);
                _reported = null;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (_reported != exception.Message)
                {
                    _reported = exception.Message;
                    Log.FolderUnusable(_logger, exception.Message, _config.StateFolder);
                }
            }
#pragma warning disable CA1031 // Whatever it is: the site is served on, and the next pass may do better.
            catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
            {
                Log.Unexpected(_logger, exception);
            }

            await Task.Delay(s_interval, _time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Takes up what others have obtained, and obtains what is due, unless another server is doing so.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be used.</exception>
    internal async Task PassAsync(CancellationToken cancellation)
    {
        _state.Prepare();
        TakeUp();
        if (!_names.Values.Any(IsDue))
        {
            return;
        }

        using IDisposable? held = _state.TryLock();
        if (held is null)
        {
            return;
        }

        // Somebody else may have obtained it just now.
        TakeUp();
        _state.RemoveLeftovers();
        using AccountKey key = _state.OpenAccount();
        using AcmeClient client = new(_config, key, _time, _transport());
        CertificateOrder order = new(client, key, _state, _time);
        foreach (ManagedName name in _names.Values.Where(IsDue))
        {
            await ObtainAsync(name, order, cancellation).ConfigureAwait(false);
        }
    }

    private bool IsDue(ManagedName name) =>
        _time.GetUtcNow() >= name.RenewalTime && _time.GetUtcNow() >= (FailureOf(name)?.NotBefore ?? DateTimeOffset.MinValue);

    private AcmeFailure? FailureOf(ManagedName name) => name.Failure ?? _state.FailureOf(name.Domain);

    private async Task ObtainAsync(ManagedName name, CertificateOrder order, CancellationToken cancellation)
    {
        int failures = FailureOf(name)?.Count ?? 0;
        try
        {
            string pem = await order.RunAsync(name.Domain, _retries.ChallengesFor(failures), cancellation).ConfigureAwait(false);
            _state.Keep(name.Domain, pem);
            name.Present(_state.StampOf(name.Domain)!, LoadedCertificate.FromPem(pem));
            name.Failure = null;
            _state.KeepFailure(name.Domain, null);
            Log.Obtained(_logger, name.Domain, _config.Directory.Host, name.Certificate.Expires, name.RenewalTime.LocalDateTime);
        }
#pragma warning disable CA1031 // Whatever it is, an authority is not to be asked again and again.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellation.IsCancellationRequested)
#pragma warning restore CA1031
        {
            AcmeException problem = exception as AcmeException ?? new AcmeException(exception.Message, exception);
            name.Failure = _retries.After(failures, problem, _time.GetUtcNow());
            Report(name, problem, name.Failure.NotBefore.LocalDateTime);
            _state.KeepFailure(name.Domain, name.Failure);
            name.Failure = null;
        }
    }

    private void Report(ManagedName name, AcmeException problem, DateTime next)
    {
        string advice = AcmeAdvice.For(problem.Kind, _config);
        if (name.Stamp is null || name.Certificate.Expires < _time.GetUtcNow().LocalDateTime)
        {
            Log.NotObtained(_logger, name.Domain, problem.Message.TrimEnd('.'), advice, next);
        }
        else
        {
            Log.NotRenewed(_logger, name.Domain, problem.Message.TrimEnd('.'), name.Certificate.Expires, advice, next);
        }
    }

    /// <summary>Presents what is in the folder, if it is something new.</summary>
    private void TakeUp()
    {
        foreach (ManagedName name in _names.Values)
        {
            try
            {
                if (_state.StampOf(name.Domain) is { } stamp && stamp != name.Stamp && stamp != name.Refused)
                {
                    name.Refused = stamp;
                    name.Present(stamp, _state.Read(name.Domain));
                    Log.TakenUp(_logger, name.Domain, name.Certificate.Expires);
                }
            }
            catch (IOException exception)
            {
                Log.NotTakenUp(_logger, name.Domain, exception.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The certificate for {Domain} is there, from {Authority}, and in use for new connections; it ends {Expires:yyyy-MM-dd HH:mm} and is renewed from {Renewal:yyyy-MM-dd HH:mm} on")]
        internal static partial void Obtained(ILogger logger, string domain, string authority, DateTime expires, DateTime renewal);

        [LoggerMessage(2, LogLevel.Error, "There is no certificate for {Domain}, so clients will refuse the one it has: {Reason}. {Advice} The next attempt is at {Next:yyyy-MM-dd HH:mm:ss} (--acme-domain)")]
        internal static partial void NotObtained(ILogger logger, string domain, string reason, string advice, DateTime next);

        [LoggerMessage(3, LogLevel.Warning, "The certificate for {Domain} is not renewed: {Reason}. It ends {Expires:yyyy-MM-dd HH:mm}. {Advice} The next attempt is at {Next:yyyy-MM-dd HH:mm:ss} (--acme-domain)")]
        internal static partial void NotRenewed(ILogger logger, string domain, string reason, DateTime expires, string advice, DateTime next);

        [LoggerMessage(4, LogLevel.Information, "The certificate for {Domain} is taken from the folder and in use for new connections; it ends {Expires:yyyy-MM-dd HH:mm}")]
        internal static partial void TakenUp(ILogger logger, string domain, DateTime expires);

        [LoggerMessage(5, LogLevel.Error, "The certificate for {Domain} in the folder is not used: {Reason}. Another one is obtained (--acme-state)")]
        internal static partial void NotTakenUp(ILogger logger, string domain, string reason);

        [LoggerMessage(6, LogLevel.Error, "No certificate can be obtained, for the folder {Folder} cannot be used: {Reason}. The user that serves must own it, or choose another one (--acme-state)")]
        internal static partial void FolderUnusable(ILogger logger, string reason, string folder);

        [LoggerMessage(7, LogLevel.Error, "Something unexpected has happened while certificates were obtained; that goes on")]
        internal static partial void Unexpected(ILogger logger, Exception exception);
    }
}
