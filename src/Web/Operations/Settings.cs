using System.Globalization;
using HallOps.Silo.Journal;
using HallOps.Web.Demo;
using HallOps.Web.Reports;
using HallOps.Web.Storage;
using HallOps.Web.Webhooks;

namespace HallOps.Web.Operations;

/// <summary>A clock of the halls' own, for demonstrations and load: begins at a moment of choice and runs faster than real time.</summary>
/// <param name="Start">Null: the real moment of the first start.</param>
/// <param name="Speed">1 is real time.</param>
public sealed record ClockSettings(DateTimeOffset? Start, double Speed);

/// <summary>What people set: <c>appsettings.json</c> beside the program, then the environment (<c>HallOps__…</c>), then the command line.</summary>
/// <param name="Urls">Addresses to serve on, separated by semicolons.</param>
/// <param name="LimitsOff">No rate limits: for tests and load only.</param>
/// <param name="Clock">Null: real time.</param>
public sealed record Settings(DataFolder Folder, string Urls, bool LimitsOff = false, ClockSettings? Clock = null)
{
    private const int ShortestKeySecret = 16;

    private static readonly string[] Known = ["HallOps:Urls", "HallOps:Data", "HallOps:Limits:Off", "HallOps:Totp:Required", "HallOps:KeySecret", "HallOps:Clock:Start", "HallOps:Clock:Speed", "HallOps:Demo:Seed", .. ClusterSettings.Names];

    /// <summary>PostgreSQL's connection string; null: SQLite in the data folder.</summary>
    public string? Postgres { get; init; }

    /// <summary>Where the SQL side is.</summary>
    public SqlPlace Sql => new(Folder, Postgres);

    /// <summary>Connection string of the Redis that has the journal; null: SQLite in the data folder.</summary>
    public string? Redis { get; init; }

    /// <summary>Where the halls' journal is.</summary>
    public JournalPlace Journal => new(Folder, Redis) { IsShared = Cluster is not null };

    /// <summary>Encrypts what several machines share through PostgreSQL; null: each keeps keys of its own in its data folder.</summary>
    public string? KeySecret { get; init; }

    /// <summary>This process is one of several that run the halls together; null: it runs them alone.</summary>
    public ClusterSettings? Cluster { get; init; }

    /// <summary>Admins and managers sign in with a second factor only; one who has none yet is let in to enrol it.</summary>
    public bool TotpRequired { get; init; }

    /// <summary>The halls are samples in which a simulated day plays: every page says so.</summary>
    public bool Demo { get; init; }

    /// <summary>The day that plays in them; null: none.</summary>
    public DemoSettings? Play { get; init; }

    /// <summary>Who is told what happens in the halls; empty: nobody.</summary>
    public IReadOnlyList<WebhookEndpoint> Webhooks { get; init; } = [];

    /// <summary>What figures are to reach.</summary>
    public ReportTargets Targets { get; init; } = new();

    /// <summary>Log levels, <c>Logging:LogLevel:{category}</c>; null: as built in.</summary>
    public IConfiguration? Logging { get; init; }

    /// <param name="commandLine">Options of the command line, by the setting's full name.</param>
    /// <param name="demo">The demonstration: its folder and clock where none are given, and this machine only where the command line names no address.</param>
    /// <exception cref="StartRefusedException">A setting is unknown or wrong; the message names it.</exception>
    public static Settings Read(IReadOnlyDictionary<string, string?> commandLine, bool demo = false)
    {
        IConfiguration all;
        try
        {
            all = new ConfigurationBuilder()
                .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
                .AddEnvironmentVariables()
                .AddInMemoryCollection(commandLine)
                .Build();
        }
        catch (InvalidDataException e)
        {
            throw new StartRefusedException($"appsettings.json is not JSON ({(e.InnerException ?? e).Message.TrimEnd('.')}).", e);
        }
        var settings = From(all);
        return demo ? DemoOf(settings, commandLine, all) : settings;
    }

    private static Settings From(IConfiguration all)
    {
        foreach (var (key, value) in all.GetSection("HallOps").AsEnumerable())
            if (value is not null && !Known.Contains(key, StringComparer.OrdinalIgnoreCase) && !WebhookEndpoint.IsSetting(key) && !ReportTargets.IsSetting(key))
                throw new StartRefusedException($"{key} is no setting; there are {string.Join(", ", Known)}, {WebhookEndpoint.Section}:0:Url, Secret, Events, Halls and NearAhead, and {ReportTargets.Section}:WaitMinutes, {string.Join(", ", ReportTargets.Shares)}.");
        var urls = all["HallOps:Urls"] ?? "http://127.0.0.1:5080";
        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            if (!IsAddress(url)) throw new StartRefusedException($"HallOps:Urls (--urls) must be addresses like http://127.0.0.1:5080, separated by semicolons, was \"{url}\".");
        var data = all["HallOps:Data"] ?? "data";
        if (string.IsNullOrWhiteSpace(data) || data.Contains('\0', StringComparison.Ordinal)) throw new StartRefusedException("HallOps:Data (--data) must be a folder.");
        var (clock, secret) = (ClockOf(all), KeySecretOf(all));
        var cluster = ClusterSettings.Read(all, isShared: secret is not null, hasClock: clock is not null);
        return new Settings(new DataFolder(data), urls, Flag(all, "HallOps:Limits:Off"), clock) { Postgres = PostgresSetting.Read(all), Redis = RedisOf(all), KeySecret = secret, Cluster = cluster, TotpRequired = Flag(all, "HallOps:Totp:Required"), Logging = all.GetSection("Logging"), Webhooks = WebhookEndpoint.Read(all), Targets = ReportTargets.Read(all) };
    }

    private static string? RedisOf(IConfiguration all)
    {
        if (all[JournalPlace.Setting] is not { Length: > 0 } text) return null;
        try
        {
            _ = RedisJournal.NameOf(text);
            return text;
        }
        catch (JournalUnusableException)
        {
            // Nothing of its value: a password is in it.
            throw new StartRefusedException($"{JournalPlace.Setting} must be words like 127.0.0.1:6379,password=…,defaultDatabase=0, and is not.");
        }
    }

    private static string? KeySecretOf(IConfiguration all)
    {
        if (all["HallOps:KeySecret"] is not { Length: > 0 } secret) return null;
        if (secret.Length < ShortestKeySecret) throw new StartRefusedException($"HallOps:KeySecret must have {ShortestKeySecret} characters or more.");
        // With a journal of its own each, two machines on one database would count every visit twice.
        if (PostgresSetting.Read(all) is null || RedisOf(all) is null) throw new StartRefusedException($"HallOps:KeySecret is set, but keys are shared only where {PostgresSetting.Name} and {JournalPlace.Setting} are set: set both, or leave it out.");
        return secret;
    }

    private static Settings DemoOf(Settings settings, IReadOnlyDictionary<string, string?> commandLine, IConfiguration all)
    {
        var seed = DemoSettings.DefaultSeed;
        if (all["HallOps:Demo:Seed"] is { Length: > 0 } text && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seed))
            throw new StartRefusedException($"HallOps:Demo:Seed must be a whole number from 0 to {int.MaxValue}, was \"{text}\".");
        return settings with
        {
            // Whatever this machine's other servers are set to: its passwords are no secret, and its folder is emptied.
            Folder = commandLine.ContainsKey("HallOps:Data") ? settings.Folder : new DataFolder(DemoSettings.Folder),
            Urls = commandLine.ContainsKey("HallOps:Urls") ? settings.Urls : DemoSettings.Urls,
            Clock = DemoSettings.ClockOf(settings.Clock),
            TotpRequired = false,
            Postgres = null,
            Redis = null,
            KeySecret = null,
            Cluster = null,
            // No receiver is told of a day that nobody lives through.
            Webhooks = [],
            Demo = true,
            Play = new DemoSettings(seed),
        };
    }

    private static bool Flag(IConfiguration all, string key) => all[key] switch
    {
        null or "" => false,
        var text when bool.TryParse(text, out var flag) => flag,
        var text => throw new StartRefusedException($"{key} must be true or false, was \"{text}\"."),
    };

    private static ClockSettings? ClockOf(IConfiguration all)
    {
        var (start, speed) = (all["HallOps:Clock:Start"], all["HallOps:Clock:Speed"]);
        if (string.IsNullOrEmpty(start) && string.IsNullOrEmpty(speed)) return null;
        DateTimeOffset? from = null;
        if (!string.IsNullOrEmpty(start))
        {
            // Without an offset the time would mean another moment on another machine.
            if (!DateTimeOffset.TryParseExact(start, ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
                throw new StartRefusedException($"HallOps:Clock:Start must be a time with its offset like 2026-11-02T08:30:00+08:00, was \"{start}\".");
            from = time;
        }
        var factor = 1.0;
        if (!string.IsNullOrEmpty(speed) && (!double.TryParse(speed, NumberStyles.Float, CultureInfo.InvariantCulture, out factor) || factor is not (>= 0.1 and <= 1000)))
            throw new StartRefusedException($"HallOps:Clock:Speed must be a number from 0.1 to 1000, was \"{speed}\".");
        return new ClockSettings(from, factor);
    }

    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url) is { Scheme: "http" or "https", PathBase: "", IsUnixPipe: false, Host.Length: > 0 };
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
