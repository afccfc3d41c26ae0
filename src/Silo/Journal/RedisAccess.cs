using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace HallOps.Silo.Journal;

/// <summary>A Redis that has a journal, or is to have one: how it is reached, and how long it is waited for.</summary>
internal sealed class RedisAccess : IDisposable
{
    private readonly ConfigurationOptions _configuration;
    private readonly RedisJournalOptions _options;
    private readonly List<RedisLink> _links = [];
    private bool _disposed;

    /// <param name="connection">As StackExchange.Redis writes it.</param>
    /// <exception cref="JournalUnusableException">It cannot be read.</exception>
    public RedisAccess(string connection, RedisJournalOptions options)
    {
        try
        {
            _configuration = ConfigurationOptions.Parse(connection);
        }
        catch (ArgumentException e)
        {
            throw new JournalUnusableException($"the address of the journal's Redis cannot be read: {RedisFlush.OneLine(e)}", e);
        }
        if (_configuration.EndPoints.Count == 0) throw new JournalUnusableException("the address of the journal's Redis names no server: host:port is the least of it");
        _options = options;
        Place = string.Join(", ", _configuration.EndPoints.Select(e => e is DnsEndPoint dns ? string.Create(CultureInfo.InvariantCulture, $"{dns.Host}:{dns.Port}") : e.ToString()));
        if (_configuration.DefaultDatabase is > 0 and var number) Place += string.Create(CultureInfo.InvariantCulture, $"/{number}");
        _configuration.AbortOnConnectFail = true;
        _configuration.ConnectRetry = 1;
        _configuration.ConnectTimeout = (int)options.ConnectWithin.TotalMilliseconds;
        _configuration.ReconnectRetryPolicy = new LinearRetry(int.MaxValue);
        _configuration.ClientName ??= "hallops";
        // No second connection for messages between clients, and no key of the client's own in the store.
        _configuration.CommandMap = CommandMap.Create(["SUBSCRIBE"], available: false);
        _configuration.ConfigurationChannel = _configuration.TieBreaker = "";
        Store = new RedisStore(options.Prefix);
    }

    /// <summary>For messages: the servers, and the database's number where it is not 0; no password.</summary>
    public string Place { get; }

    public RedisStore Store { get; }

    /// <param name="first">Runs on each new connection before anybody else has it.</param>
    public RedisLink Link(Func<IDatabase, Task>? first = null)
    {
        var link = new RedisLink(_configuration, _options, first);
        _links.Add(link);
        return link;
    }

    /// <summary>Asks once, and once more where the connection turns out to be gone: all that is asked this way may be asked twice.</summary>
    /// <exception cref="IOException">No answer.</exception>
    public async Task<T> AskAsync<T>(RedisLink link, Func<IDatabase, Task<T>> call)
    {
        for (var again = false; ; again = true)
        {
            IDatabase? redis = null;
            try
            {
                redis = await link.OpenAsync();
                return await call(redis).WaitAsync(_options.AnswerWithin, _options.Time);
            }
            catch (Exception e) when (RedisLink.IsGone(e) && !_disposed)
            {
                if (redis is not null && e is not RedisServerException) link.Drop(redis);
                if (redis is not null && !again && e is not TimeoutException && (e is not RedisServerException || e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))) continue;
                throw new IOException($"The journal in the Redis at {Place} does not answer: {RedisFlush.OneLine(e)}", e);
            }
        }
    }

    public Task<bool> AskAsync(RedisLink link, Func<IDatabase, Task> call) => AskAsync(link, async redis =>
    {
        await call(redis);
        return true;
    });

    /// <summary>Looks whether the server can keep a journal.</summary>
    /// <exception cref="JournalUnusableException">It cannot.</exception>
    public async Task CheckServerAsync(RedisLink link)
    {
        var info = await AskAsync(link, RedisStore.InfoAsync);
        string? Of(string key) => info.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.StartsWith(key + ":", StringComparison.Ordinal))?[(key.Length + 1)..];
        if (Of("redis_version") is { } version && int.TryParse(version.Split('.')[0], CultureInfo.InvariantCulture, out var major) && major < 7)
            throw new JournalUnusableException($"the Redis at {Place} is version {version}: the journal needs 7 or newer");
        if (Of("aof_enabled") == "0") throw new JournalUnusableException($"the Redis at {Place} keeps nothing over a restart: set appendonly yes, and appendfsync always where nothing at all may be lost");
        if (Of("maxmemory_policy") is { } policy && policy != "noeviction" && !policy.StartsWith("volatile", StringComparison.Ordinal))
            throw new JournalUnusableException($"the Redis at {Place} drops keys when it is full (maxmemory-policy {policy}): set it to noeviction");
    }

    /// <summary>What is said of a journal that this program does not open.</summary>
    /// <param name="version">As <see cref="RedisStore.StartAsync"/> and its like give it.</param>
    public JournalUnusableException Unknown(string version) => version == RedisStore.Unfinished
        ? new($"the journal in the Redis at {Place} is a copy that was not finished: remove its keys ({_options.Prefix}:*) and copy again")
        : new($"the journal in the Redis at {Place} is of format {version}, and this program knows up to {RedisStore.WithArchives}: use the program that wrote it");

    public void Dispose()
    {
        _disposed = true;
        foreach (var link in _links) link.Dispose();
    }
}
