namespace HallOps.Web.Operations;

/// <summary>What commands on the same machine ask of the running server.</summary>
public static class LocalEndpoints
{
    public const string Path = "/api/v1/local";
}
