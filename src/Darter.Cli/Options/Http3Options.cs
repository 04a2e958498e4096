using System.CommandLine;
using System.Net;
using System.Net.Quic;
using Darter.Server.Configuration;
using static Darter.Cli.Options.OptionRules;

namespace Darter.Cli.Options;

/// <summary>HTTP/3.</summary>
internal sealed class Http3Options : IOptionGroup
{
    internal Option<bool> IsOn { get; } = new("--http3")
    {
        Description = "Speak HTTP/3 too, over UDP at the addresses that speak https; needs libmsquic",
    };

    internal Option<int> Port { get; } = Between(1, ushort.MaxValue, new("--http3-port")
    {
        Description = "The port that clients are told to use for HTTP/3; default: that of the address they reached",
        HelpName = "PORT",
    });

    /// <inheritdoc/>
    public IEnumerable<Option> All => [IsOn, Port];

    /// <inheritdoc/>
    public void Apply(RunConfigBuilder config, ParseResult result)
    {
        bool isOn = result.GetValue(IsOn);
        int port = result.GetValue(Port);
        if (port > 0 && !isOn)
        {
            config.Errors.Add("--http3-port needs --http3");
        }

        if (isOn)
        {
            Check(config);
        }

        config.Server = config.Server with { Http3 = isOn, Http3Port = port };
    }

    private static void Check(RunConfigBuilder config)
    {
        if (config.Server.Tls is null)
        {
            config.Errors.Add("--http3 needs --certfile or --acme-domain: there is no HTTP/3 without TLS");
        }
        else if (!config.Server.Binds.Any(bind => bind is { Protocol: ListenerProtocol.Http, IsTls: not false } && bind.EndPoints.Any(endPoint => endPoint is IPEndPoint)))
        {
            config.Errors.Add("--http3 needs an address of --bind that speaks https and has a host and a port: Unix sockets and inherited ones have no UDP");
        }
        else if (config.Server.Proxy.Protocol != ProxyProtocol.Off)
        {
            config.Errors.Add("--http3 and --proxy-protocol exclude each other: the PROXY protocol is for TCP");
        }
        else if (!QuicListener.IsSupported)
        {
            config.Errors.Add("--http3 needs the library libmsquic 2, which is not on this system or does not work: install Microsoft's package libmsquic, or leave the option out");
        }
    }
}
