using Npgsql;

namespace HallOps.Web.Storage;

/// <summary>The setting that puts the SQL side into PostgreSQL.</summary>
internal static class PostgresSetting
{
    public const string Name = "ConnectionStrings:HallOps";

    /// <summary>Null: it is not set, and SQLite serves.</summary>
    /// <exception cref="StartRefusedException">It is no connection string that says where the database is; the message has nothing of its values, since a password is among them.</exception>
    public static string? Read(IConfiguration all)
    {
        if (all[Name] is not { Length: > 0 } text) return null;
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new StartRefusedException($"{Name} must be words like Host=127.0.0.1;Database=hallops;Username=hallops;Password=…, and is not ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}).", e);
        }
        if (string.IsNullOrEmpty(builder.Host)) throw new StartRefusedException($"{Name} has no Host.");
        if (string.IsNullOrEmpty(builder.Database)) throw new StartRefusedException($"{Name} has no Database.");
        builder.ApplicationName ??= "hallops";
        return builder.ToString();
    }
}
