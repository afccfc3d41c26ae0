using System.Globalization;
using System.Text.RegularExpressions;
using HallOps.Core.Halls;
using HallOps.Web.Storage;

namespace HallOps.Web.Webhooks;

/// <summary>Somebody to tell. No record: printed anywhere, it must not show its secret.</summary>
/// <param name="setting">Where it stands in the settings, as in <c>HallOps:Webhooks:0</c>: how logs and <c>/health</c> name it, since an address may hold a key.</param>
/// <param name="halls">Null: every hall.</param>
/// <param name="nearAhead">How many may be ahead of a ticket when <c>ticket.near</c> is told.</param>
public sealed partial class WebhookEndpoint(string setting, Uri url, string secret, IReadOnlySet<WebhookEvent> events, IReadOnlySet<HallId>? halls, int nearAhead)
{
    public const string Section = "HallOps:Webhooks";
    public const int DefaultNearAhead = 3;
    public const int MinSecretLength = 16;

    // Every event looks at so many of a line.
    private const int MostNearAhead = 50;

    public string Setting => setting;

    public Uri Url => url;

    /// <summary>By its address: another one at the same place of the settings is another receiver.</summary>
    public string Key => url.AbsoluteUri;

    public string Secret => secret;

    public int NearAhead => nearAhead;

    public bool Wants(WebhookEvent @event, HallId hall) => events.Contains(@event) && halls?.Contains(hall) != false;

    public override string ToString() => setting;

    /// <summary>Whether a key under <c>HallOps</c> is one of an endpoint's.</summary>
    public static bool IsSetting(string key) => SettingName().IsMatch(key);

    /// <summary>In the order of their numbers; empty where there are none.</summary>
    /// <exception cref="StartRefusedException">One is wrong; the message names the setting and never shows a secret.</exception>
    public static IReadOnlyList<WebhookEndpoint> Read(IConfiguration all)
    {
        var endpoints = new List<WebhookEndpoint>();
        foreach (var section in all.GetSection(Section).GetChildren().OrderBy(s => int.Parse(s.Key, CultureInfo.InvariantCulture)))
        {
            var endpoint = Of(section);
            if (endpoints.FirstOrDefault(e => e.Url == endpoint.Url) is { } same)
                throw new StartRefusedException($"{endpoint.Setting}:Url is the address of {same.Setting} as well; name its events and halls there.");
            endpoints.Add(endpoint);
        }
        return endpoints;
    }

    private static WebhookEndpoint Of(IConfigurationSection section)
    {
        var setting = $"{Section}:{section.Key}";
        var address = section["Url"];
        // Of an address that is refused no more is shown than this: receivers' keys often stand in the query.
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)) || url.UserInfo.Length > 0 || url.Fragment.Length > 0)
            throw new StartRefusedException($"{setting}:Url must be an https address without a user name (http on this machine only), was \"{(url is { IsAbsoluteUri: true } ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : address)}\".");
        if (section["Secret"] is not { Length: >= MinSecretLength } secret)
            throw new StartRefusedException($"{setting}:Secret must be at least {MinSecretLength} characters.");
        var events = Words(section, "Events").Select(name => WebhookEventNames.TryParse(name, out var known) ? known
            : throw new StartRefusedException($"{setting}:Events must be of {string.Join(", ", WebhookEventNames.Names)}, was \"{name}\".")).ToHashSet();
        var halls = Words(section, "Halls").Select(name => HallName().IsMatch(name) ? new HallId(name)
            : throw new StartRefusedException($"{setting}:Halls must be the short names of halls, was \"{name}\".")).ToHashSet();
        var near = DefaultNearAhead;
        if (section["NearAhead"] is { Length: > 0 } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out near) || near > MostNearAhead))
            throw new StartRefusedException($"{setting}:NearAhead must be a whole number from 0 to {MostNearAhead}, was \"{text}\".");
        return new WebhookEndpoint(setting, url, secret, events.Count > 0 ? events : Enum.GetValues<WebhookEvent>().ToHashSet(), halls.Count > 0 ? halls : null, near);
    }

    /// <summary>A list, as JSON has it or in one text with commas, which is shorter in the environment.</summary>
    private static IEnumerable<string> Words(IConfigurationSection section, string name)
    {
        var list = section.GetSection(name);
        return list.GetChildren().Select(word => word.Value ?? "").Concat((list.Value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    [GeneratedRegex("^HallOps:Webhooks:[0-9]{1,4}:(Url|Secret|NearAhead|(Events|Halls)(:[0-9]{1,4})?)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SettingName();

    [GeneratedRegex("^[a-z0-9-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex HallName();
}
