using Microsoft.AspNetCore.Http;

namespace HallOps.Displays.Texts;

/// <summary>A page's language; Chinese unless somebody chose English.</summary>
public enum Language { Zh, En }

/// <summary>Where the choice of language is kept: <c>?lang=en</c> makes it, a cookie remembers it.</summary>
public static class LanguageChoice
{
    public const string Cookie = "hallops-lang";

    public static Language Of(HttpContext http) => Named(http.Request.Query["lang"]) ?? Named(http.Request.Cookies[Cookie]) ?? Language.Zh;

    /// <summary>Remembers the choice made by this request's query, if one was.</summary>
    public static void Remember(HttpContext http)
    {
        if (Named(http.Request.Query["lang"]) is not { } chosen) return;
        http.Response.Cookies.Append(Cookie, chosen.Tag(), new CookieOptions { SameSite = SameSiteMode.Lax, HttpOnly = true, Secure = http.Request.IsHttps, Path = "/", MaxAge = TimeSpan.FromDays(365), IsEssential = true });
    }

    /// <summary><c>zh</c> or <c>en</c>, as in queries, cookies and scripts.</summary>
    public static string Tag(this Language language) => language == Language.En ? "en" : "zh";

    /// <summary>The BCP 47 tag for the <c>lang</c> attribute.</summary>
    public static string Html(this Language language) => language == Language.En ? "en" : "zh-Hans";

    private static Language? Named(string? tag) => tag switch { "zh" => Language.Zh, "en" => Language.En, _ => null };
}
